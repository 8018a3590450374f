import Tensors

/// `y[n, c, i, j] = mean` of `x[n, c]` over a window.
///
/// Shapes: `x [n, c, h, w] → y [n, c, oh, ow]`. ONNX `AveragePool`, opsets 1–22. Pads are left out of
/// the mean unless `count_include_pad` is 1.
struct AveragePool: Operator {
  static let type = "AveragePool"

  private let window: WindowedReduction

  init(_ node: NodeReader) throws {
    let countsPads = try node.int("count_include_pad", default: 0) == 1
    window = try WindowedReduction(node, reduction: .mean(countsPads: countsPads))
  }

  private init(window: WindowedReduction) {
    self.window = window
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    try window.outputShapes(for: inputs)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try window.pooling(on: context.input.shape).forward(context)
  }
}

extension AveragePool: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    window.receptiveField(for: inputs).map { [$0] }
  }

  var onWindows: any Operator { AveragePool(window: window.withoutPads) }
}

// Each element of a window receives an equal share.
extension AveragePool: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try window.pooling(on: context.input.shape).gradient(context)
  }
}

import Tensors

/// `y[n, c] = mean` of `x[n, c]` over the whole map.
///
/// Shapes: `x [n, c, h, w] → y [n, c, 1, 1]`. ONNX `GlobalAveragePool`, opsets 1–22.
struct GlobalAveragePool: Operator {
  static let type = "GlobalAveragePool"

  init(_ node: NodeReader) {}

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    guard x.rank == 4 else { throw ShapeMismatch("input \(x) must have four axes") }
    return [[x[0], x[1], 1, 1]]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try Pooling(.mean(countsPads: false), ofWhole: context.input.shape).forward(context)
  }
}

extension GlobalAveragePool: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try Pooling(.mean(countsPads: false), ofWhole: context.input.shape).gradient(context)
  }
}

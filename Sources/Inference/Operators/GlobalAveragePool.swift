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

  private func pooling(on x: Shape) -> Pooling {
    Pooling(
      reduction: .mean(countsPads: false),
      placement: SlidingWindow.Placement(
        kernel: [x[2], x[3]], output: [1, 1], padBefore: [0, 0], padAfter: [0, 0],
        reachesPastPad: false),
      strides: [1, 1], dilations: [1, 1])
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try pooling(on: context.input.shape).forward(context)
  }
}

extension GlobalAveragePool: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try pooling(on: context.input.shape).gradient(context)
  }
}

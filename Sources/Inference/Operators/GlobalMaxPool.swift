import Tensors

/// `y[n, c] = max` of `x[n, c]` over the whole map.
///
/// Shapes: `x [n, c, h, w] → y [n, c, 1, 1]`. ONNX `GlobalMaxPool`, opsets 1–28.
struct GlobalMaxPool: Operator {
  static let type = "GlobalMaxPool"

  init(_ node: NodeReader) {}

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    guard x.rank == 4 else { throw ShapeMismatch("input \(x) must have four axes") }
    return [[x[0], x[1], 1, 1]]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try Pooling(.maximum, ofWhole: context.input.shape).forward(context)
  }
}

// The gradient goes to the element that won; of equals, to the first.
extension GlobalMaxPool: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try Pooling(.maximum, ofWhole: context.input.shape).gradient(context)
  }
}

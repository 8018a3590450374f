import Tensors

/// `y = x − ln Σ e^x` along an axis, the logarithm of softmax.
///
/// Shapes: `x [...] → y [...]`. ONNX `LogSoftmax`, opsets 1–28; before opset 13 over the axis and all
/// that follow.
struct LogSoftmax: Operator {
  static let type = "LogSoftmax"

  private let axis: Int
  private let sumsFollowingAxes: Bool

  init(_ node: NodeReader) throws {
    sumsFollowingAxes = node.opset < 13
    axis = try node.int("axis", default: sumsFollowingAxes ? 1 : -1)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    guard inputs[0].shape.rank == 0 || inputs[0].shape.resolve(axis: axis) != nil else {
      throw ShapeMismatch("axis \(axis) is outside \(inputs[0].shape)")
    }
    return [inputs[0].shape]
  }

  private func routine(_ context: KernelContext) -> SoftmaxRoutine {
    SoftmaxRoutine(
      context.output.shape, axis: axis, sumsFollowingAxes: sumsFollowingAxes,
      takesLogarithm: true)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try routine(context).forward()
  }
}

extension LogSoftmax: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try routine(context).gradient()
  }
}

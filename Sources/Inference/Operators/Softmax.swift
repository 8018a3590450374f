import Tensors

/// `y = e^x / Σ e^x` along an axis.
///
/// Shapes: `x [...] → y [...]`. ONNX `Softmax`, opsets 1–13. Before opset 13 the sum runs over the
/// axis and all that follow.
struct Softmax: Operator {
  static let type = "Softmax"

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
      context.output.shape, axis: axis, sumsFollowingAxes: sumsFollowingAxes)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try routine(context).forward()
  }
}

extension Softmax: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try routine(context).gradient()
  }
}

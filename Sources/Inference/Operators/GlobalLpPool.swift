import Tensors

/// `y[n, c] = (Σ |x[n, c]|^p)^(1/p)` over the whole map.
///
/// Shapes: `x [n, c, h, w] → y [n, c, 1, 1]`. ONNX `GlobalLpPool`, opsets 2–28.
struct GlobalLpPool: Operator {
  static let type = "GlobalLpPool"

  private let p: Float

  init(_ node: NodeReader) throws {
    p = try node.normExponent()
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    guard x.rank == 4 else { throw ShapeMismatch("input \(x) must have four axes") }
    return [[x[0], x[1], 1, 1]]
  }

  private func norm(_ context: KernelContext) -> LpNorm {
    let x = context.input.shape
    return LpNorm(
      p: p, x: x, y: context.output.shape,
      placement: SlidingWindow.Placement(
        kernel: [x[2], x[3]], output: [1, 1], padBefore: [0, 0], padAfter: [0, 0],
        reachesPastPad: false),
      strides: [1, 1], dilations: [1, 1])
  }

  func forward(_ context: KernelContext) -> any Kernel { norm(context).forward() }
}

extension GlobalLpPool: DifferentiableOperator {
  func gradient(_ context: KernelContext) -> any Kernel { norm(context).gradient() }
}

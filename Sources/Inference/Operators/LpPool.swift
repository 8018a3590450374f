import Tensors

/// `y[n, c, i, j] = (Σ |x[n, c]|^p)^(1/p)` over a window.
///
/// Shapes: `x [n, c, h, w] → y [n, c, oh, ow]`. ONNX `LpPool`, opsets 2–28.
struct LpPool: Operator {
  static let type = "LpPool"

  private let window: SlidingWindow
  private let kernel: [Int]
  private let p: Float

  init(_ node: NodeReader) throws {
    window = try SlidingWindow(node)
    guard let kernel = window.kernel else { throw node.failure("kernel_shape is missing") }
    self.kernel = kernel
    p = try node.normExponent()
  }

  private init(_ original: LpPool, window: SlidingWindow) {
    self.window = window
    kernel = original.kernel
    p = original.p
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }

  private func place(on x: Shape) throws -> SlidingWindow.Placement {
    guard x.rank == 4 else { throw ShapeMismatch("input \(x) must have four axes") }
    guard let placement = window.place(on: [x[2], x[3]], kernel: kernel) else {
      throw ShapeMismatch("window \(kernel) exceeds the padded map \(x)")
    }
    return placement
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    let placement = try place(on: x)
    return [[x[0], x[1], placement.output[0], placement.output[1]]]
  }

  private func norm(_ context: KernelContext) throws -> LpNorm {
    LpNorm(
      p: p, x: context.input.shape, y: context.output.shape,
      placement: try place(on: context.input.shape), strides: window.strides,
      dilations: window.dilations)
  }

  func forward(_ context: KernelContext) throws -> any Kernel { try norm(context).forward() }
}

extension LpPool: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    window.receptiveField(on: inputs[0].shape, kernel: Shape(kernel)).map { [$0] }
  }

  var onWindows: any Operator { LpPool(self, window: window.withoutPads) }
}

extension LpPool: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel { try norm(context).gradient() }
}

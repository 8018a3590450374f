import Tensors

/// A pooling operator: shapes, window rule, forward and gradient follow from its reduction.
///
/// Shapes: `x [n, c, h, w] → y [n, c, oh, ow]`.
protocol PoolingOperator: WindowedOperator, DifferentiableOperator {
  var reduction: WindowedReduction { get }

  init(reduction: WindowedReduction)
}

extension PoolingOperator {
  package func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }

  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    try reduction.outputShapes(for: inputs)
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    try reduction.pooling(on: context.input.shape).forward(context)
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    try reduction.pooling(on: context.input.shape).gradient(context)
  }

  package func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    reduction.receptiveField(for: inputs).map { [$0] }
  }

  package var onWindows: any Operator { Self(reduction: reduction.withoutPads) }
}

/// A window with a kernel of its own and what it does to the elements it covers.
struct WindowedReduction: Sendable {
  let window: SlidingWindow
  let kernel: [Int]
  let reduction: Pooling.Reduction

  init(_ node: NodeReader, reduction: Pooling.Reduction) throws {
    window = try SlidingWindow(node)
    guard let kernel = window.kernel else { throw node.failure("kernel_shape is missing") }
    self.kernel = kernel
    self.reduction = reduction
  }

  private init(_ original: WindowedReduction, window: SlidingWindow) {
    self.window = window
    kernel = original.kernel
    reduction = original.reduction
  }

  /// The same reduction on maps that hold everything it reads.
  var withoutPads: WindowedReduction { WindowedReduction(self, window: window.withoutPads) }

  /// What one result element reads; nil where it depends on how much of its window is padding.
  func receptiveField(for inputs: [ValueDescription]) -> ReceptiveField? {
    guard let placement = try? place(on: inputs[0].shape) else { return nil }
    let pads = placement.padBefore + placement.padAfter
    switch reduction {
    case .mean(countsPads: false) where pads.contains { $0 > 0 }: return nil
    case .mean(countsPads: true) where placement.reachesPastPad: return nil
    case .mean: return window.receptiveField(on: inputs[0].shape, kernel: Shape(kernel))
    case .maximum:
      return window.receptiveField(
        on: inputs[0].shape, kernel: Shape(kernel), filler: -.greatestFiniteMagnitude)
    }
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    guard x.rank == 4 else { throw ShapeMismatch("input \(x) must have four axes") }
    let placement = try place(on: x)
    return [[x[0], x[1], placement.output[0], placement.output[1]]]
  }

  func pooling(on x: Shape) throws -> Pooling {
    let placement = try place(on: x)
    if case .mean(countsPads: true) = reduction, placement.reachesPastPad {
      throw ShapeMismatch("ceil_mode together with count_include_pad is not supported")
    }
    return Pooling(
      reduction, placement: placement, strides: window.strides,
      dilations: window.dilations)
  }

  private func place(on x: Shape) throws -> SlidingWindow.Placement {
    guard let placement = window.place(on: [x[2], x[3]], kernel: kernel) else {
      throw ShapeMismatch("window \(kernel) exceeds the padded map \(x)")
    }
    return placement
  }
}

import Tensors

/// Matrices with their axes swapped, whatever number of axes stand before them.
///
/// Shapes: `x [..., m, k] → y [..., k, m]`; with `batch` 1, `x [m, ..., k]` is `[..., m, k]` first. Not an
/// operator of ONNX: `FusedMatMul` stands for it and more.
struct MatrixTranspose: Operator {
  static let type = "MatrixTranspose"

  private let swaps: Bool
  private let movesBatch: Bool

  init(_ node: NodeReader) throws {
    swaps = try node.int("swap", default: 1) == 1
    movesBatch = try node.int("batch", default: 0) == 1
  }

  /// Vectors stay as they are.
  private func transpose(_ shape: Shape) -> Transpose {
    var axes = Array(0..<shape.rank)
    guard shape.rank > 1 else { return Transpose(axes) }
    if movesBatch { axes = Array(1..<shape.rank - 1) + [0, shape.rank - 1] }
    if swaps { axes.swapAt(shape.rank - 2, shape.rank - 1) }
    return Transpose(axes)
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule {
    transpose(inputs[0].shape).layoutRule(for: inputs)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    try transpose(inputs[0].shape).outputShapes(for: inputs)
  }

  func isView(of inputs: [ValueDescription], as output: ValueDescription) -> Bool {
    transpose(inputs[0].shape).isView(of: inputs, as: output)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try transpose(context.input.shape).forward(context)
  }
}

extension MatrixTranspose: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try transpose(context.input.shape).gradient(context)
  }
}

extension MatrixTranspose: FoldableOperator {
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    try inputs[0].flatMap { try transpose($0.shape).fold([$0]) }
  }
}

import Tensors

/// Blocks of rows and columns moved into channels.
///
/// Shapes: `x [n, c, h·b, w·b] → y [n, c·b², h, w]`. ONNX `SpaceToDepth`, opsets 1–28.
struct SpaceToDepth: Operator {
  static let type = "SpaceToDepth"

  private let block: BlockShuffle

  init(_ node: NodeReader) throws {
    block = try BlockShuffle(node)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    guard x.rank == 4, x[2] % block.size == 0, x[3] % block.size == 0 else {
      throw ShapeMismatch("\(x) in blocks of \(block.size)")
    }
    return [[x[0], x[1] * block.size * block.size, x[2] / block.size, x[3] / block.size]]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try block.copy(maps: context.input.shape, toMaps: false).forward()
  }
}

extension SpaceToDepth: MovingOperator {}

extension SpaceToDepth: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try block.copy(maps: context.input.shape, toMaps: false).gradient()
  }
}

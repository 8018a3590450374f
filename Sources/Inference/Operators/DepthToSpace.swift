import Tensors

/// Channels moved into blocks of rows and columns.
///
/// Shapes: `x [n, c·b², h, w] → y [n, c, h·b, w·b]`. ONNX `DepthToSpace`, opsets 1–28.
struct DepthToSpace: Operator {
  static let type = "DepthToSpace"

  private let block: BlockShuffle

  init(_ node: NodeReader) throws {
    block = try BlockShuffle(node)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    guard x.rank == 4, x[1] % (block.size * block.size) == 0 else {
      throw ShapeMismatch("\(x) in blocks of \(block.size)")
    }
    return [[x[0], x[1] / (block.size * block.size), x[2] * block.size, x[3] * block.size]]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try block.copy(maps: context.output.shape, toMaps: true).forward()
  }
}

extension DepthToSpace: MovingOperator {}

extension DepthToSpace: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try block.copy(maps: context.output.shape, toMaps: true).gradient()
  }
}

/// Exchange of channels and blocks of rows and columns.
struct BlockShuffle: Sendable {
  let size: Int
  /// Whether channels are counted within a place of the block (`CRD`), or places within a channel.
  let channelsFirst: Bool

  init(_ node: NodeReader) throws {
    size = try node.int("blocksize", default: 0)
    let mode = try node.string("mode", default: "DCR")
    guard (1...1 << 12).contains(size), ["DCR", "CRD"].contains(mode) else {
      throw node.failure("blocksize \(size) with mode '\(mode)' is not supported")
    }
    channelsFirst = mode == "CRD"
  }

  /// `maps`: the shape `[n, c, h·b, w·b]`; `toMaps`: whether it is the result's or the source's.
  func copy(maps: Shape, toMaps: Bool) -> StridedCopy {
    let (n, c, h, w, b) = (maps[0], maps[1], maps[2] / size, maps[3] / size, size)
    // Axes n, c, row, row in block, column, column in block.
    let extents = [n, c, h, b, w, b]
    let inMaps = [c * h * b * w * b, h * b * w * b, b * w * b, w * b, b, 1]
    let plane = h * w
    let inDepth =
      channelsFirst
      ? [c * b * b * plane, b * b * plane, w, b * plane, 1, plane]
      : [c * b * b * plane, plane, w, b * c * plane, 1, c * plane]
    return toMaps
      ? StridedCopy(extents: extents, strides: inDepth, resultStrides: inMaps)
      : StridedCopy(extents: extents, strides: inMaps, resultStrides: inDepth)
  }
}

import Tensors

/// The input several times over along each axis.
///
/// Shapes: `x [d0, ...]`, `repeats [rank]` constant → `y [d0 · r0, ...]`. ONNX `Tile`, opsets 6–28.
struct Tile: Operator {
  static let type = "Tile"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}

  private func repeats(_ inputs: [ValueDescription]) throws -> [Int] {
    let repeats = try inputs[1].integers("repeats")
    guard repeats.count == inputs[0].shape.rank,
      repeats.allSatisfy({ (0...1 << 24).contains($0) })
    else { throw ShapeMismatch("repeats \(repeats) on \(inputs[0].shape)") }
    return repeats
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    [Shape(zip(inputs[0].shape.dimensions, try repeats(inputs)).map { $0 * $1 })]
  }

  /// Each axis is two: how often, then which element.
  private func repetition(_ context: KernelContext) throws -> Repetition {
    let x = context.input.shape
    let repeats = try repeats(context.inputs)
    let extents = zip(repeats, x.dimensions).flatMap { [$0, $1] }
    let dense = Shape(extents).rowMajorStrides
    let strides = zip(x.rowMajorStrides, x.dimensions).flatMap { [0, $1 == 1 ? 0 : $0] }
    return Repetition(
      loop: BroadcastLoop(
        extents: extents.isEmpty ? [1] : extents,
        strides: extents.isEmpty ? [[0], [0], [0]] : [strides, dense, dense]),
      sourceCount: x.count)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try repetition(context).forward()
  }
}

extension Tile: MovingOperator {}

extension Tile: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try repetition(context).gradient()
  }
}

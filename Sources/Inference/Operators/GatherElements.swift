import Tensors

/// Elements chosen by index along an axis, one for each index.
///
/// Shapes: `x [..., d, ...]`, `indices [..., e, ...]` constant → `y` like `indices`. ONNX
/// `GatherElements`, opsets 11–28.
struct GatherElements: Operator {
  static let type = "GatherElements"
  static let requiredInputs = 2

  private let axis: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 0)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] { [inputs[1].shape] }
}

extension GatherElements: RearrangingOperator {
  func rearrangement(
    _ inputs: [ValueDescription], output: ValueDescription
  ) throws -> Rearrangement {
    let x = inputs[0].shape
    let positions = try elementPositions(inputs[1], along: axis, of: x)
    return Rearrangement(sources: positions.map { Int32($0) }, sourceCount: x.count)
  }
}

/// For each index, the element of `x` it names: its own position with the axis' index replaced.
///
/// - Throws: `ShapeMismatch` when it is outside.
func elementPositions(
  _ indices: ValueDescription, along axis: Int, of x: Shape
) throws -> [Int] {
  guard let axis = x.resolve(axis: axis), indices.shape.rank == x.rank,
    zip(indices.shape.dimensions, x.dimensions).enumerated().allSatisfy({
      $0.offset == axis || $0.element.0 <= $0.element.1
    })
  else { throw ShapeMismatch("indices \(indices.shape) on \(x) along axis \(axis)") }
  let strides = x.rowMajorStrides
  let others = strides.indices.map { $0 == axis ? 0 : strides[$0] }
  let values = try indices.integers("indices")
  var positions: [Int] = []
  positions.reserveCapacity(values.count)
  forEachOffset(of: indices.shape, strides: others) { positions.append($0) }
  return try zip(positions, values).map { position, index in
    let resolved = index < 0 ? index + x[axis] : index
    guard (0..<x[axis]).contains(resolved) else {
      throw ShapeMismatch("index \(index) is outside extent \(x[axis])")
    }
    return position + resolved * strides[axis]
  }
}

/// For each index vector in the last axis of `indices`, where the slice of `x` it names begins.
///
/// `batch`: leading axes that `x` and `indices` share.
///
/// Returns starts and the slices' length; throws `ShapeMismatch` when an index is outside.
func slicePositions(
  _ indices: ValueDescription, of x: Shape, batch: Int
) throws -> (starts: [Int], length: Int) {
  let rank = indices.shape.rank
  guard rank > 0, batch < rank, batch >= 0 else {
    throw ShapeMismatch("indices \(indices.shape) on \(x)")
  }
  let depth = indices.shape[rank - 1]
  guard batch + depth <= x.rank,
    indices.shape.dimensions[..<batch] == x.dimensions[..<batch]
  else { throw ShapeMismatch("indices \(indices.shape) on \(x)") }
  let values = try indices.integers("indices")
  let strides = x.rowMajorStrides
  let length = x.dimensions[(batch + depth)...].reduce(1, *)
  let batches = x.dimensions[..<batch].reduce(1, *)
  let batchStride = x.count / max(batches, 1)
  let vectors = indices.shape.dimensions[..<(rank - 1)].reduce(1, *)
  let starts = try (0..<vectors).map { vector in
    try (0..<depth).reduce(vector / max(vectors / max(batches, 1), 1) * batchStride) { start, i in
      let extent = x[batch + i]
      let stated = values[vector * depth + i]
      let index = stated < 0 ? stated + extent : stated
      guard (0..<extent).contains(index) else {
        throw ShapeMismatch("index \(stated) is outside extent \(extent)")
      }
      return start + index * strides[batch + i]
    }
  }
  return (starts, length)
}

import Tensors

/// Slices chosen by index vectors.
///
/// Shapes: `x [...]`, `indices [..., r]` constant → `y`: a slice of `x` for each vector. ONNX `GatherND`,
/// opsets 11–28.
struct GatherND: Operator {
  static let type = "GatherND"
  static let requiredInputs = 2

  private let batch: Int

  init(_ node: NodeReader) throws {
    batch = try node.int("batch_dims", default: 0)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let (x, indices) = (inputs[0].shape, inputs[1].shape)
    _ = try slicePositions(inputs[1], of: x, batch: batch)
    return [
      Shape(indices.dimensions.dropLast() + x.dimensions[(batch + indices[indices.rank - 1])...])
    ]
  }
}

extension GatherND: RearrangingOperator {
  func rearrangement(
    _ inputs: [ValueDescription], output: ValueDescription
  ) throws -> Rearrangement {
    let x = inputs[0].shape
    let (starts, length) = try slicePositions(inputs[1], of: x, batch: batch)
    return Rearrangement(
      sources: starts.flatMap { start in (start..<start + length).map { Int32($0) } },
      sourceCount: x.count)
  }
}

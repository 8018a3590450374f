import Tensors

/// The positions of elements other than 0, one column each.
///
/// Shapes: `x [...]` constant → `y [rank, count]`. ONNX `NonZero`, opsets 9–28.
struct NonZero: ConstantOperator {
  static let type = "NonZero"

  init(_ node: NodeReader) {}

  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0] else { return nil }
    let offsets: [Int] =
      switch input.elements {
      case .float(let values): values.indices.filter { values[$0] != 0 }
      case .int64(let values): values.indices.filter { values[$0] != 0 }
      }
    let strides = input.shape.rowMajorStrides
    let rows = input.shape.dimensions.indices.map { axis in
      offsets.map { Int64($0 / strides[axis] % input.shape[axis]) }
    }
    return [Tensor([input.shape.rank, offsets.count], Array(rows.joined()))]
  }
}

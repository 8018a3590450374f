import ONNX
import Tensors

/// One value in every element.
///
/// Shapes: `shape [rank]` constant → `y [shape...]`. ONNX `ConstantOfShape`, opsets 9–28.
struct ConstantOfShape: ConstantOperator {
  static let type = "ConstantOfShape"

  private let value: Tensor

  init(_ node: NodeReader) throws {
    if case .tensor(let tensor) = node.node.attributes["value"] {
      guard tensor.shape.count == 1 else { throw node.failure("the value is not one number") }
      value = tensor
    } else {
      value = Tensor([], [Float(0)])
    }
  }

  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let extents = inputs[0]?.integers else { return nil }
    let shape = Shape(extents)
    try checkFolded(shape)
    switch value.elements {
    case .float(let one): return [Tensor(shape, [Float](repeating: one[0], count: shape.count))]
    case .int64(let one): return [Tensor(shape, [Int64](repeating: one[0], count: shape.count))]
    }
  }
}

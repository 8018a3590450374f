import Tensors

/// The same elements under a stated shape; −1 takes what is left, 0 copies an extent.
///
/// Shapes: `x [...]`, `shape [rank]` constant → `y [shape...]`. ONNX `Reshape`, opsets 5–24.
struct Reshape: ViewOperator {
  static let type = "Reshape"
  static let requiredInputs = 2

  private let keepsZero: Bool

  init(_ node: NodeReader) throws {
    keepsZero = try node.int("allowzero", default: 0) == 1
  }

  func shape(for inputs: [ValueDescription]) throws -> Shape {
    guard inputs.count > 1, let stated = inputs[1].constant?.integers else {
      throw ShapeMismatch("the target shape must be a constant")
    }
    let x = inputs[0].shape
    var result = try stated.enumerated().map { axis, extent in
      guard extent == 0, !keepsZero else { return extent }
      guard axis < x.rank else { throw ShapeMismatch("0 at axis \(axis) of \(stated)") }
      return x[axis]
    }
    let unknown = result.indices.filter { result[$0] == -1 }
    guard unknown.count <= 1, result.allSatisfy({ $0 >= -1 }) else {
      throw ShapeMismatch("target shape \(stated) is not valid")
    }
    if let axis = unknown.first {
      let known = Shape(result.filter { $0 != -1 }).count
      guard known > 0, x.count % known == 0 else {
        throw ShapeMismatch("\(x) cannot become \(stated)")
      }
      result[axis] = x.count / known
    }
    return Shape(result)
  }
}

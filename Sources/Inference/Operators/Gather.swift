import Tensors

/// Slices of a constant chosen by index along an axis.
///
/// Shapes: `x [before, d, after]`, `indices [...]` → `y [before, indices..., after]`.
/// ONNX `Gather`, opsets 1–13, on shapes and constants.
struct Gather: ConstantOperator {
  static let type = "Gather"
  static let requiredInputs = 2

  private let axis: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 0)
  }

  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0], let indices = inputs[1]?.integers, let shape = inputs[1]?.shape
    else { return nil }
    guard let axis = input.shape.resolve(axis: axis), input.shape.rank > 0 else {
      throw ShapeMismatch("axis \(axis) is outside \(input.shape)")
    }
    let extent = input.shape[axis]
    let resolved = indices.map { $0 < 0 ? $0 + extent : $0 }
    guard resolved.allSatisfy({ (0..<extent).contains($0) }) else {
      throw ShapeMismatch("indices \(indices) are outside extent \(extent)")
    }
    let before = input.shape.dimensions[..<axis]
    let after = input.shape.dimensions[(axis + 1)...]
    let length = after.reduce(1, *)
    let offsets = (0..<before.reduce(1, *)).flatMap { outer in
      resolved.map { (outer * extent + $0) * length }
    }
    let result = Shape(before + shape.dimensions + after)
    switch input.elements {
    case .float(let values):
      return [Tensor(result, offsets.flatMap { values[$0..<$0 + length] })]
    case .int64(let values):
      return [Tensor(result, offsets.flatMap { values[$0..<$0 + length] })]
    }
  }
}

import Tensors

/// The input with elements replaced, one for each index along an axis.
///
/// Shapes: `x [..., d, ...]`, `indices`, `updates [..., e, ...]` → `y` like `x`; indices are constants.
/// ONNX `ScatterElements`, opsets 11–28; reductions on constants only.
struct ScatterElements: Operator {
  static let type = "ScatterElements"
  static let requiredInputs = 3

  private let axis: Int
  let reduction: ScatterReduction

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 0)
    reduction = try ScatterReduction(node)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] { [inputs[0].shape] }
}

extension ScatterElements: ScatteringOperator {
  func positions(_ inputs: [ValueDescription]) throws -> [Int] {
    try elementPositions(inputs[1], along: axis, of: inputs[0].shape)
  }
}

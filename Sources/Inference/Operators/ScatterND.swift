import Tensors

/// The input with slices replaced, one for each index vector.
///
/// Shapes: `x [...]`, `indices [..., r]`, `updates [..., slice]` → `y` like `x`; indices are constants.
/// ONNX `ScatterND`, opsets 11–28; reductions on constants only.
struct ScatterND: Operator {
  static let type = "ScatterND"
  static let requiredInputs = 3

  let reduction: ScatterReduction

  init(_ node: NodeReader) throws {
    reduction = try ScatterReduction(node)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] { [inputs[0].shape] }
}

extension ScatterND: ScatteringOperator {
  func positions(_ inputs: [ValueDescription]) throws -> [Int] {
    let (starts, length) = try slicePositions(inputs[1], of: inputs[0].shape, batch: 0)
    return starts.flatMap { Array($0..<$0 + length) }
  }
}

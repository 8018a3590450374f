import ONNX

/// A product of matrices of integers, its result in integers: `MatMul`, then `Requantize`.
///
/// Shapes: `a [..., m, k]`, `b [..., k, n]` → `y [..., m, n]`; scale and zero point of `a` and `y` are one number,
/// those of `b` one or `[n]`. ONNX `QLinearMatMul`, opsets 10–28.
enum QLinearMatMul: CompositeOperator {
  static let type = "QLinearMatMul"
  static let requiredInputs = 8

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    let left = nodes.centred(inputs[0], nodes.scalar(inputs[2]))
    let right = nodes.centred(inputs[3], inputs[5], axis: -1)
    let factor = nodes.factor(nodes.scalar(inputs[1]), inputs[4], over: nodes.scalar(inputs[6]))
    nodes.requantized(
      nodes.add("MatMul", [left, right]), factor: factor, zeroPoint: inputs[7], axis: -1,
      output: node.node.outputs[0])
    return true
  }
}

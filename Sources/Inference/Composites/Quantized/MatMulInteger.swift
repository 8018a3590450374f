import ONNX

/// A product of matrices of integers, its result their sums.
///
/// Shapes: `a [..., m, k]`, `b [..., k, n]`, zero points one number, or `[m]` of `a` and `[n]` of `b` → `y [..., m,
/// n]`. ONNX `MatMulInteger`, opsets 10–28.
enum MatMulInteger: CompositeOperator {
  static let type = "MatMulInteger"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let left = nodes.centred(node.node.inputs[0], node.input(2), axis: -2)
    let right = nodes.centred(node.node.inputs[1], node.input(3), axis: -1)
    nodes.add("MatMul", [left, right], output: node.node.outputs[0])
    return true
  }
}

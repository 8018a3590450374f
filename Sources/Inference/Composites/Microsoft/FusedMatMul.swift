import ONNX

/// `y = α · a · b`, either operand's matrices transposed on request.
///
/// Shapes: `a [..., m, k]`, `b [..., k, n]` after transposition → `y [..., m, n]`; with `transBatchA` 1, `a [m, ..., k]`,
/// and so for `b`. ONNX Runtime `FusedMatMul`.
enum FusedMatMul: MicrosoftOperator {
  static let type = "FusedMatMul"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let operands = try zip(node.node.inputs, ["A", "B"]).map { input, side in
      let swap = try node.int("trans\(side)", default: 0)
      let batch = try node.int("transBatch\(side)", default: 0)
      guard swap != 0 || batch != 0 else { return input }
      return nodes.add("MatrixTranspose", [input], ["swap": .int(swap), "batch": .int(batch)])
    }
    let alpha = try node.float("alpha", default: 1)
    let output = node.node.outputs[0]
    let product = nodes.add("MatMul", operands, output: alpha == 1 ? output : nil)
    if alpha != 1 { nodes.add("Mul", [product, nodes.number(alpha)], output: output) }
    return true
  }
}

import ONNX

/// `y = α · a · b + c` of quantised integers, in integers or, without a scale of `y`, in numbers.
///
/// Shapes: `a [m, k]`, `b [k, n]` after transposition, `c` broadcast to `[m, n]` in steps of `α · a scale · b scale` →
/// `y [m, n]`; scale and zero point of `b` are one number or `[n]`. ONNX Runtime `QGemm`.
enum QGemm: MicrosoftOperator {
  static let type = "QGemm"
  static let requiredInputs = 5

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    let columns = try node.int("transB", default: 0) == 0 ? 1 : 0
    var operands = [
      nodes.centred(inputs[0], node.input(2)),
      nodes.centred(inputs[3], node.input(5), axis: columns),
    ]
    if let addend = node.input(6) { operands.append(nodes.float(addend)) }
    let sums = nodes.add("Gemm", operands, node.attributes(without: "alpha"))
    let alpha = nodes.number(try node.float("alpha", default: 1))
    let left = nodes.add("Mul", [alpha, inputs[1]])
    let output = node.node.outputs[0]
    guard let scale = node.input(7) else {
      nodes.add("Mul", [sums, nodes.add("Mul", [left, inputs[4]])], output: output)
      return true
    }
    let zeroPoint = try nodes.zeroPoint(node, 8, like: [2])
    nodes.requantized(
      sums, factor: nodes.factor(left, inputs[4], over: scale), zeroPoint: zeroPoint,
      output: output)
    return true
  }
}

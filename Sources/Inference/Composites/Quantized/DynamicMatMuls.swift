import ONNX

/// `y = a · b + bias`, with `a` quantised by its own range.
///
/// Shapes: `a [..., m, k]` numbers, `b [k, n]` integers, scale and zero point of `b` one number or `[n]`, `bias [n]` → `y
/// [..., m, n]`. ONNX Runtime `DynamicQuantizeMatMul`. The range is that of all of `a`, see
/// `DynamicQuantizeLinear`.
enum DynamicQuantizeMatMul: MicrosoftOperator {
  static let type = "DynamicQuantizeMatMul"
  static let requiredInputs = 3

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    let left = nodes.dynamicallyQuantized(inputs[0])
    nodes.matMulInteger(
      left: left, right: (inputs[1], scale: inputs[2], zeroPoint: node.input(3)),
      bias: node.input(4), output: node.node.outputs[0])
    return true
  }
}

/// `y = a · b + bias` of integers, in numbers.
///
/// Shapes: `a [..., m, k]`, `b [k, n]`, scale and zero point of `a` one number, of `b` one or `[n]`, `bias [n]` → `y [..., m,
/// n]`. ONNX Runtime `MatMulIntegerToFloat`.
enum MatMulIntegerToFloat: MicrosoftOperator {
  static let type = "MatMulIntegerToFloat"
  static let requiredInputs = 4

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    nodes.matMulInteger(
      left: (inputs[0], scale: inputs[2], zeroPoint: node.input(4)),
      right: (inputs[1], scale: inputs[3], zeroPoint: node.input(5)),
      bias: node.input(6), output: node.node.outputs[0])
    return true
  }
}

extension NodeBuilder {
  fileprivate typealias QuantizedOperand = (values: String, scale: String, zeroPoint: String?)

  fileprivate mutating func dynamicallyQuantized(_ x: String) -> QuantizedOperand {
    let outputs = ["integers", "scale", "zero point"].map { fresh("\(x)·\($0)") }
    add(
      Node(
        name: "\(outputs[0])", type: "DynamicQuantizeLinear", inputs: [x], outputs: outputs))
    return (outputs[0], outputs[1], outputs[2])
  }

  fileprivate mutating func matMulInteger(
    left: QuantizedOperand, right: QuantizedOperand, bias: String?, output: String
  ) {
    let sums = add(
      "MatMul",
      [
        centred(left.values, left.zeroPoint, axis: -2),
        centred(right.values, right.zeroPoint, axis: -1),
      ])
    let scale = add("Mul", [left.scale, right.scale])
    let product = add("Mul", [sums, scale], output: bias == nil ? output : nil)
    if let bias { add("Add", [product, bias], output: output) }
  }
}

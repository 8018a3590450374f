import ONNX

/// `y = a + b` of quantised integers, with broadcasting.
///
/// Shapes: those of `Add`; scales and zero points are one number each. ONNX Runtime `QLinearAdd`.
enum QLinearAdd: MicrosoftOperator {
  static let type = "QLinearAdd"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    try node.require(inputs: [0, 1, 3, 4, 6])
    let inputs = node.node.inputs
    let zeroPoint = try nodes.zeroPoint(node, 7, like: [2, 5])
    let factors = [1, 4].map { nodes.add("Div", [inputs[$0], inputs[6]]) }
    let shifts = zip(factors, [2, 5]).compactMap { factor, index in
      node.input(index).map { nodes.add("Mul", [factor, nodes.float($0)]) }
    }
    var offset = nodes.float(zeroPoint)
    if !shifts.isEmpty { offset = nodes.add("Sub", [offset, nodes.add("Sum", shifts)]) }
    nodes.add(
      "QuantizedSum",
      [nodes.float(inputs[0]), nodes.float(inputs[3])] + factors + [offset, zeroPoint],
      output: node.node.outputs[0])
    return true
  }
}

/// `y = a · b` of quantised integers, with broadcasting.
///
/// Shapes: those of `Mul`; scales and zero points are one number each. ONNX Runtime `QLinearMul`.
enum QLinearMul: MicrosoftOperator {
  static let type = "QLinearMul"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    try node.require(inputs: [0, 1, 3, 4, 6])
    let inputs = node.node.inputs
    let product = nodes.add(
      "Mul", [nodes.centred(inputs[0], node.input(2)), nodes.centred(inputs[3], node.input(5))])
    let factor = nodes.factor(inputs[1], inputs[4], over: inputs[6])
    let zeroPoint = try nodes.zeroPoint(node, 7, like: [2, 5])
    nodes.requantized(
      product, factor: factor, zeroPoint: zeroPoint, rounding: .evenIntegers,
      output: node.node.outputs[0])
    return true
  }
}

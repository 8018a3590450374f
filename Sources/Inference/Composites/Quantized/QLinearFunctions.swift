import ONNX

/// A function of quantised integers by the numbers that they stand for.
///
/// Inputs: `x`, its scale and zero point, scale and zero point of `y`; zero points are optional.
protocol QLinearFunction: MicrosoftOperator {
  /// Adds the function of `x`.
  static func apply(
    _ x: String, _ node: NodeReader, into nodes: inout NodeBuilder
  ) throws -> String
}

extension QLinearFunction {
  package static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    try node.require(inputs: [0, 1, 3])
    let inputs = node.node.inputs
    let numbers = nodes.dequantized(inputs[0], scale: inputs[1], node.input(2))
    let result = try apply(numbers, node, into: &nodes)
    let zeroPoint = try nodes.zeroPoint(node, 4, like: [2])
    nodes.add("QuantizeLinear", [result, inputs[3], zeroPoint], output: node.node.outputs[0])
    return true
  }
}

/// Shapes: `x [...] → y [...]`.
///
/// ONNX Runtime `QLinearSigmoid`.
enum QLinearSigmoid: QLinearFunction {
  static let type = "QLinearSigmoid"

  static func apply(
    _ x: String, _ node: NodeReader, into nodes: inout NodeBuilder
  ) throws -> String {
    nodes.add("Sigmoid", [x])
  }
}

/// Shapes: `x [...] → y [...]`.
///
/// ONNX Runtime `QLinearLeakyRelu`.
enum QLinearLeakyRelu: QLinearFunction {
  static let type = "QLinearLeakyRelu"

  static func apply(
    _ x: String, _ node: NodeReader, into nodes: inout NodeBuilder
  ) throws -> String {
    nodes.add("LeakyRelu", [x], node.node.attributes)
  }
}

/// Shapes: `x [...] → y [...]`.
///
/// ONNX Runtime `QLinearSoftmax`, which reads a table of exponentials: a step apart here and there.
enum QLinearSoftmax: QLinearFunction {
  static let type = "QLinearSoftmax"

  static func apply(
    _ x: String, _ node: NodeReader, into nodes: inout NodeBuilder
  ) throws -> String {
    // What an axis means changed with opset 13; the node states which meaning it has.
    let opset = try node.int("opset", default: node.opset)
    guard (opset >= 13) == (node.opset >= 13) else {
      throw node.failure("opset \(opset) in a model of opset \(node.opset) is not supported")
    }
    return nodes.add("Softmax", [x], node.attributes(without: "opset"))
  }
}

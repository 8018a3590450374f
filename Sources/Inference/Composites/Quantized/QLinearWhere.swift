import ONNX

/// Quantised integers of one operand or the other, each in its own steps before.
///
/// Inputs: truth values, then `x`, its scale and zero point, `y` with its, scale and zero point of `z`, shapes those of `Where`. ONNX
/// Runtime `QLinearWhere`.
enum QLinearWhere: MicrosoftOperator {
  static let type = "QLinearWhere"
  static let requiredInputs = 9

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    let operands = [1, 4].map { first in
      nodes.dequantized(inputs[first], scale: inputs[first + 1], inputs[first + 2])
    }
    let chosen = nodes.add("Where", [inputs[0]] + operands)
    nodes.add(
      "QuantizeLinear", [chosen, inputs[7], inputs[8]], output: node.node.outputs[0])
    return true
  }
}

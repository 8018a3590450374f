import ONNX

/// Quantised integers one after another along an axis, each in its own steps before.
///
/// Inputs: scale and zero point of `y`, then `x_i [..., d_i, ...]`, its scale and its zero point → `y [..., Σ d_i, ...]`.
/// ONNX Runtime `QLinearConcat`.
enum QLinearConcat: MicrosoftOperator {
  static let type = "QLinearConcat"
  static let requiredInputs = 5

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    guard inputs.count % 3 == 2 else {
      throw node.failure("\(inputs.count) inputs are not two, and three for each part")
    }
    let parts = stride(from: 2, to: inputs.count, by: 3).map { first in
      nodes.dequantized(inputs[first], scale: inputs[first + 1], node.input(first + 2))
    }
    let joined = nodes.add("Concat", parts, node.node.attributes)
    nodes.add(
      "QuantizeLinear", [joined, inputs[0], inputs[1]], output: node.node.outputs[0])
    return true
  }
}

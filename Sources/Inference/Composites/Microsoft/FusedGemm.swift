import ONNX

/// `y = activation(α · a · b + β · c)`.
///
/// Shapes: those of `Gemm`. ONNX Runtime `FusedGemm`.
enum FusedGemm: MicrosoftOperator {
  static let type = "FusedGemm"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    func number(_ name: String) throws -> Float? {
      node.node.attributes[name] == nil ? nil : try node.float(name, default: 0)
    }
    let activation = FusedActivation(
      name: try node.string("activation", default: ""), alpha: try number("activation_alpha"),
      beta: try number("activation_beta"))
    let sum = nodes.add(
      "Gemm", node.node.inputs,
      node.attributes(
        without: "activation", "activation_alpha", "activation_beta", "activation_gamma"))
    try nodes.activate(sum, activation, node, output: node.node.outputs[0])
    return true
  }
}

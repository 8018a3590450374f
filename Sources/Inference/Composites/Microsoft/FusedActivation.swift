import ONNX

/// What ONNX Runtime merged into a convolution or product, by its name and numbers.
struct FusedActivation {
  let name: String
  let alpha: Float?
  let beta: Float?
}

extension NodeBuilder {
  /// `activation(x)`; `x` itself where there is none.
  ///
  /// Throws `InferenceError.attribute` for one that ONNX Runtime does not merge.
  mutating func activate(
    _ x: String, _ activation: FusedActivation, _ node: NodeReader, output: String
  ) throws {
    let (alpha, beta) = (activation.alpha, activation.beta)
    var attributes: [String: Attribute] = [:]
    switch activation.name {
    case "": add("Identity", [x], output: output)
    case "Relu", "Sigmoid", "Softplus", "Softsign", "Tanh":
      add(activation.name, [x], output: output)
    case "Clip":
      guard let alpha, let beta else { throw node.failure("'Clip' needs two bounds") }
      add("Clip", [x, number(alpha), number(beta)], output: output)
    case "Elu", "HardSigmoid", "LeakyRelu", "ThresholdedRelu":
      if let alpha { attributes["alpha"] = .float(alpha) }
      if let beta, activation.name == "HardSigmoid" { attributes["beta"] = .float(beta) }
      add(activation.name, [x], attributes, output: output)
    default: throw node.failure("activation '\(activation.name)' is not supported")
    }
  }
}

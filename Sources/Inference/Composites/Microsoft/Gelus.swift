import ONNX

/// `y = gelu(x + bias)`.
///
/// Shapes: `x [..., d]`, `bias [d]` → `y [..., d]`. ONNX Runtime `BiasGelu`.
enum BiasGelu: MicrosoftOperator {
  static let type = "BiasGelu"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let sum = nodes.add("Add", node.node.inputs)
    nodes.add("Gelu", [sum], output: node.node.outputs[0])
    return true
  }
}

/// `y = gelu(x + bias)` by `tanh`.
///
/// Shapes: `x [..., d]`, `bias [d]` optional → `y [..., d]`. ONNX Runtime `FastGelu`.
enum FastGelu: MicrosoftOperator {
  static let type = "FastGelu"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let x = node.node.inputs[0]
    let sum = node.input(1).map { nodes.add("Add", [x, $0]) } ?? x
    nodes.add(
      "Gelu", [sum], ["approximate": .string("tanh")], output: node.node.outputs[0])
    return true
  }
}

/// `y = x / (1 + e^(−α x))`, α 1.702 unless stated: `Swish` under another name.
///
/// Shapes: `x [...] → y [...]`. ONNX Runtime `QuickGelu`.
enum QuickGelu: MicrosoftOperator {
  static let type = "QuickGelu"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let alpha = try node.float("alpha", default: 1.702)
    nodes.add(
      "Swish", [node.node.inputs[0]], ["alpha": .float(alpha)], output: node.node.outputs[0])
    return true
  }
}

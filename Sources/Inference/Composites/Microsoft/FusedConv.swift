import ONNX

/// `y = activation(conv(x) + b + z)`.
///
/// Shapes: `x [n, c, h, w]`, `w [o, c/group, kh, kw]`, `b [o]` and `z [n, o, oh, ow]` optional → `y` like `z`. ONNX
/// Runtime `FusedConv`.
enum FusedConv: MicrosoftOperator {
  static let type = "FusedConv"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    let numbers = try node.floats("activation_params") ?? []
    let activation = FusedActivation(
      name: try node.string("activation", default: ""), alpha: numbers.first,
      beta: numbers.dropFirst().first)
    var sum = nodes.add(
      "Conv", [inputs[0], inputs[1]] + (node.input(2).map { [$0] } ?? []),
      node.attributes(without: "activation", "activation_params"))
    if let addend = node.input(3) { sum = nodes.add("Add", [sum, addend]) }
    try nodes.activate(sum, activation, node, output: node.node.outputs[0])
    return true
  }
}

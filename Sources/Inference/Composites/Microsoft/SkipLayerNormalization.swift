import ONNX

/// `y = layer norm(x + skip + bias)` over the last axis, and the sum itself.
///
/// Shapes: `x [n, t, d]`, `skip` broadcast to it, `gamma [d]`, `beta [d]` and `bias [d]` optional → `y`, mean and
/// inverse deviation `[n, t, 1]`, sum like `x`. ONNX Runtime `SkipLayerNormalization`.
enum SkipLayerNormalization: MicrosoftOperator {
  static let type = "SkipLayerNormalization"
  static let requiredInputs = 3

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let sum = nodes.skipSum(node, bias: 4)
    var outputs = (0..<3).map { node.output($0) ?? "" }
    while outputs.count > 1, outputs.last == "" { outputs.removeLast() }
    nodes.add(
      Node(
        name: "\(node.node.label)·normalised", type: "LayerNormalization",
        inputs: [sum, node.node.inputs[2]] + (node.input(3).map { [$0] } ?? []),
        outputs: outputs,
        attributes: ["epsilon": .float(try node.float("epsilon", default: 1e-12))]))
    return true
  }
}

/// `y = rms norm(x + skip + bias)` over the last axis, and the sum itself.
///
/// Shapes: those of `SkipLayerNormalization`, without `beta`. ONNX Runtime
/// `SkipSimplifiedLayerNormalization`, without statistics.
enum SkipSimplifiedLayerNormalization: MicrosoftOperator {
  static let type = "SkipSimplifiedLayerNormalization"
  static let requiredInputs = 3

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    guard node.output(1) == nil, node.output(2) == nil, let output = node.output(0) else {
      throw node.failure("outputs of statistics are not supported")
    }
    let sum = nodes.skipSum(node, bias: 3)
    nodes.add(
      "RMSNormalization", [sum, node.node.inputs[2]],
      ["epsilon": .float(try node.float("epsilon", default: 1e-12))], output: output)
    return true
  }
}

/// `RMSNormalization` as ONNX Runtime calls it, in ONNX's domain, before opset 23.
///
/// Shapes: `x [..., d]`, `scale [d]` → `y [..., d]`, `d` for all axes from `axis` on; without statistics.
enum SimplifiedLayerNormalization: CompositeOperator {
  static let type = "SimplifiedLayerNormalization"
  static let domains = ["", MicrosoftDomain.name]
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    guard node.output(1) == nil, let output = node.output(0) else {
      throw node.failure("the output of deviations is not supported")
    }
    nodes.add(
      "RMSNormalization", node.node.inputs, node.attributes(without: "stash_type"), output: output)
    return true
  }
}

extension NodeBuilder {
  /// The first two inputs and the bias at `bias`, as the fourth output where that is asked for.
  fileprivate mutating func skipSum(_ node: NodeReader, bias: Int) -> String {
    let operands = [node.node.inputs[0], node.node.inputs[1]]
    guard let bias = node.input(bias) else { return add("Add", operands, output: node.output(3)) }
    return add("Add", [add("Add", operands), bias], output: node.output(3))
  }
}

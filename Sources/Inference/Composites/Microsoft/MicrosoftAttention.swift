import ONNX

/// Self-attention with its projection: `softmax(scale · q · kᵀ + bias) · v` for each head.
///
/// Shapes: `x [n, t, d]`, weights `[d, 3h]`, bias `[3h]`, attention bias broadcast to `[n, heads, t, t]` → `y [n, t, h]`. ONNX
/// Runtime `Attention`, without padding masks and caches.
enum MicrosoftAttention: MicrosoftOperator {
  static let type = "Attention"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    try node.refuseMasksAndCaches(inputs: [3, 4, 6, 7], attributes: ["do_rotary"])
    let inputs = node.node.inputs
    var product = nodes.add("MatMul", [inputs[0], inputs[1]])
    if let bias = node.input(2) { product = nodes.add("Add", [product, bias]) }
    let parts = nodes.parts(of: product, lengths: try node.ints("qkv_hidden_sizes"))
    try nodes.attend(parts, bias: node.input(5), node)
    return true
  }
}

/// Attention of queries to keys: `softmax(scale · q · kᵀ + bias) · v` for each head.
///
/// Shapes: `q [n, t, h]`, `k [n, s, h]`, `v [n, s, h]`, bias of projections `[3h]`, attention bias broadcast to `[n, heads, t,
/// s]` → `y [n, t, h]`. ONNX Runtime `MultiHeadAttention`, without padding masks, caches and packed operands.
enum MultiHeadAttention: MicrosoftOperator {
  static let type = "MultiHeadAttention"
  static let requiredInputs = 3

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    try node.refuseMasksAndCaches(inputs: [4, 6, 7, 8, 9], attributes: [])
    var operands = Array(node.node.inputs.prefix(3))
    if let bias = node.input(3) {
      let parts = nodes.parts(of: bias, lengths: nil)
      operands = zip(operands, parts).map { nodes.add("Add", [$0, $1]) }
    }
    try nodes.attend(operands, bias: node.input(5), node)
    return true
  }
}

extension NodeReader {
  fileprivate func refuseMasksAndCaches(inputs: [Int], attributes: [String]) throws {
    guard !inputs.contains(where: hasInput), output(1) == nil, output(2) == nil,
      try attributes.allSatisfy({ try int($0, default: 0) == 0 })
    else { throw failure("padding masks, caches and rotary embeddings are not supported") }
  }
}

extension NodeBuilder {
  /// Queries, keys and values side by side in the last axis; equal parts unless lengths are stated.
  fileprivate mutating func parts(of x: String, lengths: [Int]?) -> [String] {
    let names = ["queries", "keys", "values"].map { fresh("\(x)·\($0)") }
    var attributes: [String: Attribute] = ["axis": .int(-1)]
    if let lengths { attributes["split"] = .ints(lengths) }
    add(Node(name: names[0], type: "Split", inputs: [x], outputs: names, attributes: attributes))
    return names
  }

  fileprivate mutating func attend(
    _ operands: [String], bias: String?, _ node: NodeReader
  ) throws {
    let heads = try node.int("num_heads", default: 0)
    guard heads > 0 else { throw node.failure("num_heads \(heads) is not supported") }
    let attributes: [String: Attribute] = [
      "q_num_heads": .int(heads), "kv_num_heads": .int(heads),
      "scale": .float(try node.float("scale", default: 0)),
      "is_causal": .int(try node.int("unidirectional", default: 0)),
    ]
    add(
      "Attention", operands + (bias.map { [$0] } ?? []), attributes,
      output: node.node.outputs[0])
  }
}

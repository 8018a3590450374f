import ONNX
import Tensors

/// `y = softmax(scale · q · kᵀ + mask) · v` for each head.
///
/// Shapes: `q [n, h, t, d]`, `k [n, g, s, d]`, `v [n, g, s, e]` → `y [n, h, t, e]`, or with heads side by
/// side `q [n, t, h·d]` …; `mask` broadcast to `[n, h, t, s]`, numbers to add or truth values. Heads
/// share keys where there are more of them. ONNX `Attention`, opsets 23–28.
enum Attention: CompositeOperator {
  static let type = "Attention"
  static let requiredInputs = 3

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let (inputs, outputs) = (node.node.inputs, node.node.outputs)
    let band = try AttentionBand(node)
    let queryHeads = try node.int("q_num_heads", default: 0)
    let keyHeads = try node.int("kv_num_heads", default: 0)
    let isFlat = queryHeads > 0
    let query = isFlat ? nodes.heads(inputs[0], queryHeads) : inputs[0]
    var key = isFlat ? nodes.heads(inputs[1], keyHeads) : inputs[1]
    var value = isFlat ? nodes.heads(inputs[2], keyHeads) : inputs[2]
    if node.hasInput(4), node.hasInput(5) {
      key = nodes.add("Concat", [inputs[4], key], ["axis": .int(2)])
      value = nodes.add("Concat", [inputs[5], value], ["axis": .int(2)])
    }
    func offer(_ value: String, as position: Int) {
      guard position < outputs.count, !outputs[position].isEmpty else { return }
      nodes.add("Identity", [value], output: outputs[position])
    }
    offer(key, as: 1)
    offer(value, as: 2)
    if !isFlat || queryHeads != keyHeads {
      key = nodes.sharedHeads(key, among: query)
      value = nodes.sharedHeads(value, among: query)
    }
    let keyColumns = nodes.add("Transpose", [key], ["perm": .ints([0, 1, 3, 2])])
    var scores = nodes.add("MatMul", [try nodes.scaled(query, node), keyColumns])
    var stages = [scores]
    let cap = try node.float("softcap", default: 0)
    if cap > 0 {
      let limit = nodes.number(cap)
      scores = nodes.add("Mul", [nodes.add("Tanh", [nodes.add("Div", [scores, limit])]), limit])
    }
    stages.append(scores)
    if node.hasInput(3) {
      let mask = band.nonpad == nil ? inputs[3] : nodes.widened(inputs[3], to: key)
      scores = nodes.masked(scores, by: mask)
    }
    scores = band.mask(scores, query: query, key: key, &nodes)
    let weights = nodes.add("AttentionWeights", [scores])
    // ONNX counts them: products, capped, masked, weights.
    stages += [scores, weights]
    let mode = try node.int("qk_matmul_output_mode", default: 0)
    guard (0..<4).contains(mode) else { throw node.failure("output mode \(mode) is not supported") }
    offer(stages[mode], as: 3)
    let result = nodes.add("MatMul", [weights, value], output: isFlat ? nil : outputs[0])
    if isFlat {
      let side = nodes.add("Transpose", [result], ["perm": .ints([0, 2, 1, 3])])
      nodes.add("Reshape", [side, nodes.integers([0, 0, -1])], output: outputs[0])
    }
    return true
  }
}

extension NodeBuilder {
  /// `[n, t, h·d]` as `[n, h, t, d]`.
  fileprivate mutating func heads(_ x: String, _ count: Int) -> String {
    let split = add("Reshape", [x, integers([0, 0, count, -1])])
    return add("Transpose", [split], ["perm": .ints([0, 2, 1, 3])])
  }

  /// Keys of `g` heads for the `h` heads of `query`, each for `h / g` of them.
  fileprivate mutating func sharedHeads(_ x: String, among query: String) -> String {
    let heads = add("Shape", [query], ["start": .int(1), "end": .int(2)])
    let own = add("Shape", [x], ["start": .int(1), "end": .int(2)])
    let batch = add("Shape", [x], ["end": .int(1)])
    let matrix = add("Shape", [x], ["start": .int(2)])
    let times = add("Div", [heads, own])
    let wide = add("Unsqueeze", [x, integers([2])])
    let target = add("Concat", [batch, own, times, matrix], ["axis": .int(0)])
    let joined = add("Concat", [batch, heads, matrix], ["axis": .int(0)])
    return add("Reshape", [add("Expand", [wide, target]), joined])
  }

  /// Queries times `scale`, `1/√d` unless stated.
  fileprivate mutating func scaled(_ query: String, _ node: NodeReader) throws -> String {
    let stated = try node.float("scale", default: 0)
    if stated != 0 { return add("Mul", [query, number(stated)]) }
    let depth = add("Cast", [add("Shape", [query], ["start": .int(-1)])], ["to": .int(1)])
    return add("Div", [query, add("Sqrt", [depth])])
  }

  /// Where a mask of truth values does not hold, −∞ is added.
  fileprivate mutating func masked(_ scores: String, by mask: String) -> String {
    add("Add", [scores, add("AttentionMask", [mask])])
  }
}

import ONNX
import Tensors

/// Which keys a query attends to by their distance: none after its own, none too far away, none of
/// a cache that is not filled yet.
///
/// A query at position *i* of *t* stands at `i + offset` among the keys: after `past` ones, or as one of
/// the last *t* of a cache that holds `nonpad` keys of each image.
struct AttentionBand {
  let isCausal: Bool
  /// How many keys before and after its own a query attends to; nil where all.
  let left: Int?
  let right: Int?
  /// Keys of earlier queries, which come first.
  let past: String?
  /// How many keys each image's cache holds, `[n]`.
  let nonpad: String?

  init(_ node: NodeReader) throws {
    func extent(_ name: String) throws -> Int? {
      let stated = try node.int(name, default: -1)
      guard stated >= -1, stated < 1 << 24 else { throw node.failure("\(name) is \(stated)") }
      return stated < 0 ? nil : stated
    }
    isCausal = try node.int("is_causal", default: 0) == 1
    left = try extent("left_window_size")
    right = try extent("right_window_size")
    past = node.hasInput(4) ? node.node.inputs[4] : nil
    nonpad = node.hasInput(6) ? node.node.inputs[6] : nil
    guard past == nil || nonpad == nil else {
      throw node.failure("past keys and a padded cache exclude each other")
    }
  }

  /// `scores` with −∞ where a query does not attend to a key.
  func mask(
    _ scores: String, query: String, key: String, _ nodes: inout NodeBuilder
  ) -> String {
    var scores = scores
    func add(_ allowed: String) {
      scores = nodes.add("Where", [allowed, scores, nodes.number(-.infinity)])
    }
    let columns = nodes.positions(of: key)
    let kept = nonpad.map { nodes.add("Unsqueeze", [$0, nodes.integers([1, 2, 3])]) }
    if let kept { add(nodes.add("Less", [columns, kept])) }
    guard isCausal || left != nil || right != nil else { return scores }
    var rows = nodes.add("Unsqueeze", [nodes.positions(of: query), nodes.integers([1])])
    if let past {
      rows = nodes.add("Add", [rows, nodes.length(of: past)])
    } else if let kept {
      rows = nodes.add("Add", [rows, nodes.add("Sub", [kept, nodes.length(of: query)])])
    }
    let distance = nodes.add("Sub", [rows, columns])
    if isCausal { add(nodes.add("GreaterOrEqual", [distance, nodes.integer(0)])) }
    if let left { add(nodes.add("LessOrEqual", [distance, nodes.integer(left)])) }
    if let right { add(nodes.add("GreaterOrEqual", [distance, nodes.integer(-right)])) }
    return scores
  }
}

extension NodeBuilder {
  /// How many queries or keys there are, `[1]`.
  fileprivate mutating func length(of x: String) -> String {
    add("Shape", [x], ["start": .int(2), "end": .int(3)])
  }

  /// `0, 1, …` for queries or keys.
  fileprivate mutating func positions(of x: String) -> String {
    let end = add("Squeeze", [length(of: x)])
    return add("Range", [integer(0), end, integer(1)])
  }

  /// A mask of fewer columns than there are keys, with −∞ for the others.
  mutating func widened(_ mask: String, to key: String) -> String {
    let own = add("Shape", [mask], ["start": .int(-1)])
    let missing = add("Sub", [length(of: key), own])
    let pads = add("Concat", [integers([0]), missing], ["axis": .int(0)])
    let numbers = add("AttentionMask", [mask])
    return add("Pad", [numbers, pads, number(-.infinity), integers([-1])])
  }
}

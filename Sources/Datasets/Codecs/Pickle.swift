/// A value from Python's pickle format, protocols 0 to 5, as datasets are pickled.
///
/// Plain values, containers and NumPy arrays; any other name is refused, and nothing is executed.
///
/// Values lie in one list and refer to each other by index, so that cycles and deep nesting are
/// harmless, and memory stays in proportion to the file.
package struct Pickle: Sendable {
  /// The index of a value.
  package typealias Node = Int

  package enum Value: Sendable {
    case none
    case flag(Bool)
    case number(Int)
    case fraction(Double)
    /// Python 3's bytes, and Python 2's text.
    case bytes([UInt8])
    case text(String)
    /// A list or a tuple.
    case sequence([Node])
    case dictionary([(key: Node, value: Node)])
    case name(PickledName)
    case type(NumPyType)
    /// An array whose contents are to follow.
    case emptyArray
    case array(NPYArray)
  }

  package let path: String
  package let values: [Value]
  /// The outermost value.
  package let root: Node

  /// - Throws: `DatasetError` when the stream is damaged or refers to anything but arrays.
  package init(_ bytes: [UInt8], path: String) throws {
    self.path = path
    var machine = PickleMachine(bytes: bytes, path: path)
    root = try machine.run()
    values = machine.values
  }
}

// What readers ask.
extension Pickle {
  /// The value for a key of the outermost dictionary; keys are text or bytes.
  package func entry(_ name: String) -> Node? {
    guard case .dictionary(let entries) = values[root] else { return nil }
    return entries.last { text($0.key) == name }?.value
  }

  package func text(_ node: Node) -> String? {
    switch values[node] {
    case .text(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    default: nil
    }
  }

  package func array(_ node: Node) -> NPYArray? {
    guard case .array(let array) = values[node] else { return nil }
    return array
  }

  /// A sequence of texts, or an array of them.
  package func texts(_ node: Node) -> [String]? {
    if let strings = array(node)?.strings { return strings }
    guard case .sequence(let nodes) = values[node] else { return nil }
    let texts = nodes.compactMap(text)
    return texts.count == nodes.count ? texts : nil
  }

  /// A sequence of whole numbers, or an array of them.
  package func wholeNumbers(_ node: Node) -> [Int]? {
    if let numbers = array(node)?.wholeNumbers { return numbers }
    guard case .sequence(let nodes) = values[node] else { return nil }
    let numbers = nodes.compactMap { node -> Int? in
      switch values[node] {
      case .number(let number): number
      case .array(let array) where array.shape.isEmpty: array.wholeNumbers?.first
      default: nil
      }
    }
    return numbers.count == nodes.count ? numbers : nil
  }
}

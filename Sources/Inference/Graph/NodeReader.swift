import ONNX
import Tensors

/// Reads a node's attributes with ONNX's defaults, and says what is wrong with them.
package struct NodeReader {
  package let node: Node
  package let opset: Int

  package init(_ node: Node, opset: Int) {
    self.node = node
    self.opset = opset
  }

  /// An integer attribute; `fallback` where the node states none.
  ///
  /// - Throws: `InferenceError.attribute` when it is of another kind.
  package func int(_ name: String, default fallback: Int) throws -> Int {
    switch node.attributes[name] {
    case nil: fallback
    case .int(let value): value
    default: throw failure("attribute '\(name)' is not an integer")
    }
  }

  /// A number; `fallback` where the node states none.
  ///
  /// - Throws: `InferenceError.attribute` when it is of another kind.
  package func float(_ name: String, default fallback: Float) throws -> Float {
    switch node.attributes[name] {
    case nil: fallback
    case .float(let value): value
    default: throw failure("attribute '\(name)' is not a number")
    }
  }

  /// A string; `fallback` where the node states none.
  ///
  /// - Throws: `InferenceError.attribute` when it is of another kind.
  package func string(_ name: String, default fallback: String) throws -> String {
    switch node.attributes[name] {
    case nil: fallback
    case .string(let value): value
    default: throw failure("attribute '\(name)' is not a string")
    }
  }

  /// A list of integers; nil where the node states none.
  ///
  /// - Throws: `InferenceError.attribute` when it is of another kind.
  package func ints(_ name: String) throws -> [Int]? {
    switch node.attributes[name] {
    case nil: nil
    case .ints(let values): values
    default: throw failure("attribute '\(name)' is not a list of integers")
    }
  }

  /// A list of numbers; nil where the node states none.
  ///
  /// - Throws: `InferenceError.attribute` when it is of another kind.
  package func floats(_ name: String) throws -> [Float]? {
    switch node.attributes[name] {
    case nil: nil
    case .floats(let values): values
    default: throw failure("attribute '\(name)' is not a list of numbers")
    }
  }

  /// A list of strings; nil where the node states none.
  ///
  /// - Throws: `InferenceError.attribute` when it is of another kind.
  package func strings(_ name: String) throws -> [String]? {
    switch node.attributes[name] {
    case nil: nil
    case .strings(let values): values
    default: throw failure("attribute '\(name)' is not a list of strings")
    }
  }

  /// What is wrong with an attribute or an input of this node, as an error that names it.
  package func failure(_ reason: String) -> InferenceError {
    .attribute(type: node.type, node: node.label, reason: reason)
  }

  /// Refuses a node that lacks one of some inputs, where optional ones stand between them.
  ///
  /// - Throws: `InferenceError.attribute`.
  package func require(inputs: [Int]) throws {
    for index in inputs where !hasInput(index) {
      throw failure("its input number \(index + 1) is missing")
    }
  }

  /// The optional input `index`; nil when it is left out.
  package func input(_ index: Int) -> String? {
    hasInput(index) ? node.inputs[index] : nil
  }

  /// The output `index`; nil when nothing asks for it.
  package func output(_ index: Int) -> String? {
    index < node.outputs.count && !node.outputs[index].isEmpty ? node.outputs[index] : nil
  }

  /// Whether the optional input `index` is connected.
  package func hasInput(_ index: Int) -> Bool {
    index < node.inputs.count && !node.inputs[index].isEmpty
  }
}

import Foundation
import SwiftProtobuf
import Tensors

/// A model file that is changed in places and written again; everything else in it stays as it is.
///
/// Tensors that lie in files beside it stay there: what is written belongs into the same folder.
package struct ModelFile: Sendable {
  private var proto: Onnx_ModelProto

  /// - Throws: `ModelError`.
  package init(contentsOf path: String) throws {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw ModelError.unreadable(path: path, reason: "it is no file, or may not be read")
    }
    guard let proto = try? Onnx_ModelProto(serializedBytes: bytes), proto.hasGraph else {
      throw ModelError.notONNX(path: path)
    }
    self.proto = proto
  }

  /// The file's bytes.
  ///
  /// - Throws: What the protobuf library throws for more than 2 GiB.
  package func serialized() throws -> Data { try proto.serializedData() }

  /// Puts nodes between a value and its readers.
  ///
  /// The node that made `value` makes what the new nodes read in its stead; they make `value` anew, under
  /// its name.
  ///
  /// - Parameters:
  ///   - value: A node's output.
  ///   - constants: Tensors that the new nodes read, by names nothing in the graph has yet.
  ///   - nodes: Told the name under which they find the value as it was.
  /// - Returns: Whether a node makes the value.
  package mutating func insert(
    behind value: String, constants: [String: Tensor], nodes: (String) -> [Node]
  ) -> Bool {
    guard let maker = proto.graph.node.firstIndex(where: { $0.output.contains(value) }) else {
      return false
    }
    let taken = Set(proto.graph.node.flatMap { $0.input + $0.output })
    var original = value + "/original"
    while taken.contains(original) { original += "'" }
    proto.graph.node[maker].output = proto.graph.node[maker].output.map {
      $0 == value ? original : $0
    }
    // As constant nodes, which files of every version may hold.
    let made = constants.sorted { $0.key < $1.key }.map(Onnx_NodeProto.init)
    let inserted = nodes(original).map(Onnx_NodeProto.init)
    proto.graph.node.insert(contentsOf: made + inserted, at: maker + 1)
    return true
  }
}

extension Onnx_NodeProto {
  fileprivate init(constant name: String, _ tensor: Tensor) {
    self.init()
    opType = "Constant"
    self.name = name
    output = [name]
    var attribute = Onnx_AttributeProto()
    attribute.name = "value"
    attribute.type = 4
    attribute.t = Onnx_TensorProto(tensor)
    self.attribute = [attribute]
  }

  fileprivate init(_ node: Node) {
    self.init()
    name = node.name
    opType = node.type
    domain = node.domain
    input = node.inputs
    output = node.outputs
    attribute = node.attributes.sorted { $0.key < $1.key }.map { name, value in
      var attribute = Onnx_AttributeProto()
      attribute.name = name
      switch value {
      case .int(let number):
        attribute.type = 2
        attribute.i = Int64(number)
      case .float(let number):
        attribute.type = 1
        attribute.f = number
      case .ints(let numbers):
        attribute.type = 7
        attribute.ints = numbers.map { Int64($0) }
      default: preconditionFailure("an attribute that no inserted node has: \(value)")
      }
      return attribute
    }
  }
}

extension Onnx_TensorProto {
  fileprivate init(_ tensor: Tensor) {
    self.init()
    dims = tensor.shape.dimensions.map { Int64($0) }
    switch tensor.elements {
    case .float(let numbers):
      dataType = ElementType.float.rawValue
      rawData = numbers.withUnsafeBytes { Data($0) }
    case .int64(let numbers):
      dataType = ElementType.int64.rawValue
      rawData = numbers.withUnsafeBytes { Data($0) }
    }
  }
}

import Foundation
import SwiftProtobuf
import Tensors

extension Model {
  /// Versions of the default operator set that the operators here follow.
  package static let supportedOpsets = 7...28

  /// Reads a model and all its tensors.
  ///
  /// Files of both PyTorch exporters load: tensors inside the file or beside it, initialisers listed
  /// as inputs, dynamic or fixed batch.
  ///
  /// - Throws: `ModelError`.
  package init(
    contentsOf path: String, opsets: ClosedRange<Int> = supportedOpsets
  ) throws {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      throw ModelError.unreadable(path: path, reason: reasonForReadFailure(path))
    }
    try self.init(bytes, path: path, opsets: opsets)
  }

  /// More nodes than any network has: beyond, a file is damaged or meant to do harm.
  private static let mostNodes = 50_000

  /// Reads a model from the bytes of its file.
  ///
  /// `path`: what messages call it, and where data files lie beside.
  ///
  /// Throws `ModelError`.
  package init(
    _ bytes: Data, path: String, opsets: ClosedRange<Int> = supportedOpsets
  ) throws {
    var proto: Onnx_ModelProto
    do {
      proto = try Onnx_ModelProto(serializedBytes: bytes)
    } catch {
      throw bytes.first == 0x08
        ? ModelError.truncated(path: path) : ModelError.notONNX(path: path)
    }
    guard proto.irVersion > 0, proto.hasGraph, !proto.graph.node.isEmpty else {
      throw ModelError.notONNX(path: path)
    }
    let count = proto.graph.countOfNodes
    guard count <= Model.mostNodes else {
      throw ModelError.tooManyNodes(path: path, found: count, most: Model.mostNodes)
    }
    let opset =
      proto.opsetImport.first { ["", "ai.onnx"].contains($0.domain) }.map { Int($0.version) } ?? 0
    guard opsets.contains(opset) else {
      throw ModelError.opset(path: path, found: opset, supported: opsets)
    }

    var reader = TensorReader(modelPath: path)
    var initializers: [String: Tensor] = [:]
    // Each tensor's bytes go once they are numbers, so that no more than one is held twice.
    for index in proto.graph.initializer.indices {
      let tensor = proto.graph.initializer[index]
      proto.graph.initializer[index] = Onnx_TensorProto()
      initializers[tensor.name] = try reader.read(tensor)
    }
    let nodes = try proto.graph.node.map { try Node($0, reader: &reader) }
    let inputs = proto.graph.input.filter { initializers[$0.name] == nil }.map(ValueInfo.init)
    let outputs = proto.graph.output.map(ValueInfo.init)
    guard !inputs.isEmpty, !outputs.isEmpty else { throw ModelError.noGraphOutput(path: path) }

    self.init(
      irVersion: Int(proto.irVersion),
      opset: opset,
      producer: [proto.producerName, proto.producerVersion].filter { !$0.isEmpty }
        .joined(separator: " "),
      metadata: Dictionary(
        proto.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }),
      graph: Graph(
        name: proto.graph.name, nodes: nodes, initializers: initializers, inputs: inputs,
        outputs: outputs))
  }

  /// Reads a tensor that has a file of its own, as ONNX's tests store them.
  ///
  /// - Throws: `ModelError`.
  package static func tensor(contentsOf path: String) throws -> Tensor {
    guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw ModelError.unreadable(path: path, reason: reasonForReadFailure(path))
    }
    guard let proto = try? Onnx_TensorProto(serializedBytes: bytes) else {
      throw ModelError.truncated(path: path)
    }
    var reader = TensorReader(modelPath: path)
    return try reader.read(proto)
  }

  /// The files besides the model's own that its tensors lie in, relative to its folder, sorted.
  package static func externalDataFiles(ofModelAt path: String) throws -> [String] {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let proto = try Onnx_ModelProto(serializedBytes: bytes)
    let outside = proto.graph.allInitializers.filter { $0.dataLocation == 1 }
    let locations = outside.flatMap(\.externalData).filter { $0.key == "location" }
    return Set(locations.map(\.value)).sorted()
  }
}

private func reasonForReadFailure(_ path: String) -> String {
  var isDirectory: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
    return "there is no such file"
  }
  return isDirectory.boolValue ? "it is a folder" : "permission denied or I/O error"
}

extension ValueInfo {
  fileprivate init(_ proto: Onnx_ValueInfoProto) {
    let tensor = proto.type.tensorType
    self.init(
      name: proto.name,
      dimensions: tensor.hasShape
        ? tensor.shape.dim.map { dimension in
          switch dimension.value {
          case .dimValue(let extent): .fixed(Int(extent))
          case .dimParam(let name): .dynamic(name)
          case nil: .dynamic("")
          }
        } : nil,
      elementType: ElementType(rawValue: tensor.elemType))
  }
}

extension Node {
  fileprivate init(_ proto: Onnx_NodeProto, reader: inout TensorReader) throws {
    var attributes: [String: Attribute] = [:]
    for attribute in proto.attribute {
      attributes[attribute.name] = try Attribute(attribute, reader: &reader)
    }
    var inputs = proto.input
    for case .graph(let nested) in attributes.sorted(by: { $0.key < $1.key }).map(\.value) {
      let own = Set(inputs.dropFirst(proto.input.count))
      inputs += nested.outerValues.filter { !own.contains($0) }
    }
    self.init(
      name: proto.name, type: proto.opType, domain: proto.domain == "ai.onnx" ? "" : proto.domain,
      inputs: inputs, outputs: proto.output, attributes: attributes)
  }
}

extension Attribute {
  /// Numbers of `AttributeProto.AttributeType`.
  fileprivate init(_ proto: Onnx_AttributeProto, reader: inout TensorReader) throws {
    switch proto.type {
    case 1: self = .float(proto.f)
    case 2: self = .int(Int(proto.i))
    case 3: self = .string(String(bytes: proto.s, encoding: .utf8) ?? "")
    case 4: self = .tensor(try reader.read(proto.t))
    case 5: self = .graph(try Graph(nested: proto.g, reader: &reader))
    case 6: self = .floats(proto.floats)
    case 7: self = .ints(proto.ints.map { Int($0) })
    case 8: self = .strings(proto.strings.map { String(bytes: $0, encoding: .utf8) ?? "" })
    default: self = .unsupported
    }
  }
}

extension Graph {
  /// Reads the graph of an attribute.
  fileprivate init(nested proto: Onnx_GraphProto, reader: inout TensorReader) throws {
    var initializers: [String: Tensor] = [:]
    for tensor in proto.initializer { initializers[tensor.name] = try reader.read(tensor) }
    self.init(
      name: proto.name, nodes: try proto.node.map { try Node($0, reader: &reader) },
      initializers: initializers, inputs: proto.input.map(ValueInfo.init),
      outputs: proto.output.map(ValueInfo.init))
  }
}

extension Onnx_GraphProto {
  /// Of this graph and those nested in it.
  fileprivate var allInitializers: [Onnx_TensorProto] {
    initializer + node.flatMap(\.attribute).filter(\.hasG).flatMap(\.g.allInitializers)
  }

  /// Of this graph and those nested in it; the reader of the file limits how deep they are.
  fileprivate var countOfNodes: Int {
    node.reduce(node.count) { sum, node in
      node.attribute.reduce(sum) { $1.hasG ? $0 + $1.g.countOfNodes : $0 }
    }
  }
}

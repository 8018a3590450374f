import Foundation
import Inference
import ONNX
import Tensors
import Testing

/// Damaged and hostile model files: each ends in an answer or an error, none in a crash or an hour.
@Suite struct MutationTests {
  private static let mutationsPerFile = 400
  /// Work that a damaged model may ask for and still be run.
  private static let mostMultiplyAdds = 1 << 24
  private static let mostActivationBytes = 1 << 24

  /// Numbers that differ from run to run in nothing.
  private struct Draws {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(bound, 1)
    }
  }

  /// Compiles and runs a model as far as it goes.
  private func run(_ model: Model) throws {
    let options = Network.Options(imageSize: (6, 5))
    let network = try Network(model, name: "damaged", options: options)
    guard network.multiplyAdds < MutationTests.mostMultiplyAdds,
      network.activationBytes < MutationTests.mostActivationBytes
    else { return }
    let gradient = network.nodesWithoutGradient.isEmpty
    let session = try Session(network, batchSize: 1, gradient: gradient)
    for i in session.images.indices { session.images[i] = Float(i % 7) - 3 }
    _ = session.forward()
    guard gradient else { return }
    session.outputGradients.update(repeating: 1)
    _ = session.backward()
  }

  private func mutate(_ bytes: Data, _ draws: inout Draws) -> Data {
    var bytes = [UInt8](bytes)
    for _ in 0...draws.next(below: 3) {
      let at = draws.next(below: bytes.count)
      switch draws.next(below: 12) {
      case 0...6: bytes[at] ^= 1 << UInt8(draws.next(below: 8))
      case 7: bytes[at] = [0, 1, 0x7f, 0x80, 0xff][draws.next(below: 5)]
      case 8: bytes.removeSubrange(at..<min(bytes.count, at + 1 + draws.next(below: 8)))
      case 9:
        // The largest, and a negative, number of the wire format.
        bytes.insert(contentsOf: [UInt8](repeating: 0xff, count: 9) + [1], at: at)
      case 10:
        let from = draws.next(below: bytes.count)
        bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + 24)], at: at)
      default: bytes.removeSubrange(at...)
      }
      if bytes.isEmpty { bytes = [8] }
    }
    return Data(bytes)
  }

  /// Changes attributes, operators, connections and constants at random.
  private func mutate(_ model: Model, _ draws: inout Draws) -> Model {
    var nodes = model.graph.nodes
    var initializers = model.graph.initializers
    let numbers = [-1, 0, 1, 2, 3, 7, 300, 65536, Int.max, Int.min]
    for _ in 0...draws.next(below: 3) {
      let index = draws.next(below: nodes.count)
      switch draws.next(below: 6) {
      case 0:
        let names = OperatorRegistry.names
        nodes[index].operatorName = names[draws.next(below: names.count)]
      case 1:
        guard !nodes[index].attributes.isEmpty else { continue }
        let names = nodes[index].attributes.keys.sorted()
        let name = names[draws.next(below: names.count)]
        let number = numbers[draws.next(below: numbers.count)]
        switch nodes[index].attributes[name] {
        case .ints(var values) where !values.isEmpty:
          values[draws.next(below: values.count)] = number
          nodes[index].attributes[name] = .ints(values)
        case .ints: nodes[index].attributes[name] = .ints([number])
        default: nodes[index].attributes[name] = .int(number)
        }
      case 2:
        nodes[index].inputs = Array(nodes[index].inputs.dropLast())
      case 3:
        let values = ["", "x"] + nodes.flatMap(\.outputs) + initializers.keys.sorted()
        let value = values[draws.next(below: values.count)]
        if nodes[index].inputs.isEmpty || draws.next(below: 3) == 0 {
          nodes[index].inputs.append(value)
        } else {
          nodes[index].inputs[draws.next(below: nodes[index].inputs.count)] = value
        }
      default:
        guard !initializers.isEmpty else { continue }
        let names = initializers.keys.sorted()
        let tensors: [Tensor] = [
          Tensor([0], [Float]()), Tensor([], [Float(2)]), Tensor([3], [Float(1), .infinity, -1]),
          Tensor([0], [Int64]()), Tensor([1], [Int64.max]), Tensor([2], [Int64(-1), 1 << 40]),
          Tensor([4, 3], (0..<12).map { Int64($0) }), Tensor([2, 2, 1, 1], [Float(1), 2, 3, 4]),
        ]
        initializers[names[draws.next(below: names.count)]] =
          tensors[draws.next(below: tensors.count)]
      }
    }
    return Model(
      irVersion: 8, opset: model.opset, producer: "",
      graph: Graph(
        name: model.graph.name, nodes: nodes, initializers: initializers,
        inputs: model.graph.inputs, outputs: model.graph.outputs))
  }

  @Test func `Hostile graphs end in an answer or an error`() throws {
    var (answers, errors) = (0, 0)
    for (number, operatorCase) in OperatorCase.all.enumerated() {
      let model = try operatorCase.model()
      var draws = Draws(state: UInt64(number) &* 32_452_843 &+ 1)
      for _ in 0..<MutationTests.mutationsPerFile {
        do {
          try run(mutate(model, &draws))
          answers += 1
        } catch {
          #expect(error is InferenceError, "\(operatorCase.name): \(error)")
          errors += 1
        }
      }
    }
    #expect(answers > 300 && errors > 300, "\(answers) answers, \(errors) errors")
  }

  @Test func `Damaged models end in an answer or an error`() throws {
    var (answers, errors) = (0, 0)
    for (number, operatorCase) in OperatorCase.all.enumerated() {
      let path = OperatorCase.folder.appendingPathComponent("\(operatorCase.name).onnx").path
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      var draws = Draws(state: UInt64(number) &* 32_452_843)
      for _ in 0..<MutationTests.mutationsPerFile {
        do {
          try run(Model(mutate(bytes, &draws), path: path))
          answers += 1
        } catch {
          #expect(error is ModelError || error is InferenceError, "\(operatorCase.name): \(error)")
          #expect(!"\(error)".isEmpty)
          errors += 1
        }
      }
    }
    // Both happen, or the mutations are too mild or too coarse to test anything.
    #expect(answers > 100 && errors > 300, "\(answers) answers, \(errors) errors")
  }

  /// One field of the wire format that holds bytes.
  private func field(_ number: Int, _ content: Data) -> Data {
    func variable(_ value: Int) -> [UInt8] {
      value < 128 ? [UInt8(value)] : [UInt8(value & 127 | 128)] + variable(value >> 7)
    }
    return Data(variable(number << 3 | 2) + variable(content.count)) + content
  }

  @Test func `Refuses attributes nested ten thousand deep`() {
    // ModelProto.graph 7, GraphProto.node 1, NodeProto.attribute 5, AttributeProto.g 6.
    var inner = Data()
    for _ in 0..<10_000 { inner = field(1, field(5, field(6, inner))) }
    let bytes = Data([0x08, 0x08]) + field(7, inner)
    #expect(throws: ModelError.self) { try Model(bytes, path: "nested.onnx") }
  }

  @Test func `Refuses more nodes than a network has`() {
    let node = field(1, field(4, Data("Relu".utf8)))
    let bytes = Data([0x08, 0x08]) + field(7, Data((0..<50_001).flatMap { _ in node }))
    #expect(throws: ModelError.self) { try Model(bytes, path: "many.onnx") }
  }

  @Test func `Orders a long chain of nodes written backwards`() throws {
    func node(_ index: Int) -> Node {
      Node(
        name: "n\(index)", type: "Neg", inputs: [index == 0 ? "x" : "v\(index - 1)"],
        outputs: ["v\(index)"])
    }
    let count = 20_000
    let graph = Graph(
      name: "chain",
      nodes: [Node(name: "f", type: "Flatten", inputs: ["v\(count - 1)"], outputs: ["y"])]
        + (0..<count).reversed().map(node),
      initializers: [:],
      inputs: [ValueInfo(name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(2), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dimensions: nil)])
    let model = Model(irVersion: 8, opset: 17, producer: "", graph: graph)
    let network = try Network(model, name: "chain")
    #expect(network.operatorTypes.count == count + 1)
  }

  @Test func `Refuses constants that grow without bound`() throws {
    let doubling = (0..<40).map { index in
      Node(
        name: "d\(index)", type: "Concat",
        inputs: [String](repeating: index == 0 ? "c" : "v\(index - 1)", count: 2),
        outputs: ["v\(index)"], attributes: ["axis": .int(0)])
    }
    let graph = Graph(
      name: "bomb",
      nodes: doubling + [
        Node(name: "a", type: "Add", inputs: ["x", "v39"], outputs: ["y"])
      ],
      initializers: ["c": .init([1], [Float(1)])],
      inputs: [ValueInfo(name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(2), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dimensions: nil)])
    let model = Model(irVersion: 8, opset: 17, producer: "", graph: graph)
    #expect(throws: InferenceError.self) { try Network(model, name: "bomb") }
  }
}

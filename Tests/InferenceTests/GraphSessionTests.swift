import Foundation
import Inference
import ONNX
import Tensors
import Testing

/// Models with several inputs and outputs.
///
/// See `fixtures/engine/inner_values.py`.
@Suite struct GraphSessionTests {
  private static let shapes: [String: Shape] = [
    "image": [2, 2, 6, 5], "label": [2], "strength": [2, 1],
  ]
  private static let values: [String: Tensor] = [
    "image": Tensor([2, 2, 6, 5], (0..<120).map { Float(cos(Double($0))) }),
    "label": Tensor([2], [3, 1] as [Int64]), "strength": Tensor([2, 1], [0.5, -2]),
  ]

  private func model(_ name: String = "several") throws -> Model {
    try Model(contentsOf: "\(FixtureModelTests.root)/engine/\(name).onnx")
  }

  private func difference(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
  }

  @Test func `Computes all outputs in one pass`() throws {
    let session = try GraphSession(model(), name: "several", inputs: Self.shapes)
    let outputs = try session.run(Self.values)
    #expect(outputs.map(\.shape) == [[2, 6], [2, 4, 6, 5]])
    #expect(try difference(outputs[0].asFloats, InnerValueTests.stored("several.scores")) < 1e-5)
    #expect(try difference(outputs[1].asFloats, InnerValueTests.stored("several.map")) < 1e-5)
  }

  /// By an input of any shape, and by an inner value.
  @Test(arguments: ["image", "strength", "map"])
  func `Has gradients by any value`(_ leaf: String) throws {
    let session = try GraphSession(
      model(), name: "several", inputs: Self.shapes, outputs: ["scores", "features"],
      gradientsBy: [leaf])
    _ = try session.run(Self.values)
    let weights: [String: Tensor] = [
      "scores": Tensor([2, 6], (0..<12).map { Float(sin(Double($0))) }),
      "features": Tensor([2, 4], (0..<8).map { Float(cos(Double($0) * 2)) }),
    ]
    let gradient = try session.gradients(of: weights)[0]

    // What follows the leaf is a model of its own, whose input is the leaf.
    let tail = try GraphSession(
      leaf == "map" ? afterMap() : model(), name: "tail",
      inputs: leaf == "map" ? ["map": [2, 4, 6, 5]] : Self.shapes, outputs: ["scores", "features"])
    var values = Self.values
    if leaf == "map" {
      values["map"] = Tensor([2, 4, 6, 5], try InnerValueTests.stored("several.map"))
    }
    func score(_ numbers: [Float]) throws -> Double {
      var changed = values
      changed[leaf] = Tensor(try #require(values[leaf]).shape, numbers)
      let outputs = try tail.run(changed)
      return zip(["scores", "features"], outputs).reduce(0) { sum, output in
        zip(weights[output.0]?.asFloats ?? [], output.1.asFloats).reduce(sum) {
          $0 + Double($1.0) * Double($1.1)
        }
      }
    }
    let numbers = try #require(values[leaf]).asFloats
    for index in numbers.indices {
      var changed = numbers
      changed[index] += 1e-2
      let above = try score(changed)
      changed[index] -= 2e-2
      let slope = (above - (try score(changed))) / 2e-2
      #expect(abs(Double(gradient.asFloats[index]) - slope) < 2e-3, "element \(index)")
    }
  }

  private func afterMap() throws -> Model {
    let model = try model()
    let graph = model.graph
    let rest = ["GlobalAveragePool", "Flatten", "MatMul"]
    return Model(
      irVersion: model.irVersion, opset: model.opset, producer: model.producer,
      graph: Graph(
        name: "tail", nodes: graph.nodes.filter { rest.contains($0.type) },
        initializers: graph.initializers,
        inputs: [ValueInfo(name: "map", dimensions: nil)], outputs: graph.outputs))
  }

  @Test func `A gradient of no output asked for is zero`() throws {
    let session = try GraphSession(
      model(), name: "several", inputs: Self.shapes, outputs: ["c"], gradientsBy: ["strength"])
    _ = try session.run(Self.values)
    let gradient = try session.gradients(of: [:])[0]
    #expect(gradient == Tensor([2, 1], [0, 0] as [Float]))
  }

  @Test func `Computes twice what a limit of memory does not let it keep`() throws {
    let model = try Model(contentsOf: "\(FixtureModelTests.root)/models/resnet20-a.onnx")
    let input = model.graph.inputs[0].name
    let output = model.graph.outputs[0].name
    let images = Tensor([16, 1, 28, 28], (0..<16 * 784).map { Float(sin(Double($0) * 0.3)) })
    let weights = Tensor([16, 10], (0..<160).map { Float(cos(Double($0))) })
    func gradient(_ limit: Int) throws -> (Tensor, GraphSession) {
      let session = try GraphSession(
        model, name: "resnet20-a", inputs: [input: [16, 1, 28, 28]], gradientsBy: [input],
        memoryLimit: limit)
      _ = try session.run([input: images])
      return (try session.gradients(of: [output: weights])[0], session)
    }
    let (kept, keeping) = try gradient(.max)
    let (repeated, repeating) = try gradient(keeping.memoryBytes * 2 / 3)
    #expect(keeping.repeatedSteps == 0)
    #expect(repeating.repeatedSteps > 0)
    #expect(repeating.memoryBytes <= keeping.memoryBytes * 2 / 3)
    #expect(kept == repeated)
  }

  /// `flat` is a view of `map`, which another output reads too.
  @Test func `The gradient by a view leaves out what reads its source`() throws {
    let graph = Graph(
      name: "views",
      nodes: [
        Node(name: "relu", type: "Relu", inputs: ["x"], outputs: ["map"]),
        Node(name: "flatten", type: "Flatten", inputs: ["map"], outputs: ["flat"]),
        Node(name: "double", type: "Add", inputs: ["flat", "flat"], outputs: ["y"]),
        Node(name: "mean", type: "GlobalAveragePool", inputs: ["map"], outputs: ["z"]),
      ],
      initializers: [:], inputs: [ValueInfo(name: "x", dimensions: nil)],
      outputs: ["y", "z"].map { ValueInfo(name: $0, dimensions: nil) })
    let session = try GraphSession(
      Model(irVersion: 8, opset: 17, producer: "", graph: graph), name: "views",
      inputs: ["x": [1, 1, 2, 2]], outputs: ["y", "z", "map"], gradientsBy: ["flat"])
    _ = try session.run(["x": Tensor([1, 1, 2, 2], [1, 2, 3, 4] as [Float])])
    let gradient = try session.gradients(of: [
      "y": Tensor([1, 4], [1, 2, 3, 4] as [Float]), "z": Tensor([1, 1, 1, 1], [100] as [Float]),
      "map": Tensor([1, 1, 2, 2], [7, 7, 7, 7] as [Float]),
    ])[0]
    #expect(gradient == Tensor([1, 4], [2, 4, 6, 8] as [Float]))
  }

  @Test func `Gradients by values of which one leads to the other are refused`() throws {
    #expect {
      try GraphSession(
        model(), name: "several", inputs: Self.shapes, gradientsBy: ["map", "image"])
    } throws: { error in
      "\(error)".contains("'image', which leads to it")
    }
  }

  @Test func `Weights of no output, or of another shape, are refused`() throws {
    let session = try GraphSession(
      model(), name: "several", inputs: Self.shapes, gradientsBy: ["image"])
    _ = try session.run(Self.values)
    #expect(throws: InferenceError.self) {
      try session.gradients(of: ["score": Tensor([2, 6], [Float](repeating: 1, count: 12))])
    }
    #expect(throws: InferenceError.self) {
      try session.gradients(of: ["scores": Tensor([2, 5], [Float](repeating: 1, count: 10))])
    }
    #expect(throws: InferenceError.self) { try session.run(["image": Tensor([1], [1 as Float])]) }
  }

  @Test func `An unknown input is refused`() throws {
    #expect(throws: InferenceError.self) {
      try GraphSession(model(), name: "several", inputs: ["picture": [1]])
    }
  }
}

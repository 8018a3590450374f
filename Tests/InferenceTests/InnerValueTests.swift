import Datasets
import Foundation
import Inference
import ONNX
import Tensors
import Testing

/// Values inside a network: computed beside its output, differentiated, listed.
///
/// See `fixtures/engine/inner_values.py`.
@Suite struct InnerValueTests {
  private static let map = "/l/l.8/Relu_1_output_0"
  private static let features = "/ReduceMean_output_0"

  private static let model = Result {
    try Model(contentsOf: "\(FixtureModelTests.root)/models/resnet20-a.onnx")
  }

  private static func network(_ values: [String]) throws -> Network {
    try Network(model.get(), name: "resnet20-a", options: Network.Options(values: values))
  }

  static func stored(_ name: String) throws -> [Float] {
    let file = URL(fileURLWithPath: "\(FixtureModelTests.root)/engine/\(name).npy")
    let array = try NPYArray(Data(contentsOf: file), path: file.path)
    guard case .floats(let values) = array.elements else { return [] }
    return values
  }

  private static let images = (0..<2 * 784).map { Float(sin(Double($0) * 0.7)) }

  private func largestDifference(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
  }

  @Test func `Come with the logits in one pass, equal to ONNX Runtime's`() throws {
    let network = try Self.network([Self.map, Self.features])
    let predictor = Predictor(network, batchSize: 8)
    let (logits, values) = try predictor.outputs(count: 2, with: [Self.features, Self.map]) {
      index, target in
      _ = target.update(fromContentsOf: Self.images[index * 784..<(index + 1) * 784])
    }
    #expect(values.map(\.shape) == [[2, 64], [2, 64, 7, 7]])
    #expect(try largestDifference(logits, Self.stored("resnet20-a.logits")) < 1e-4)
    #expect(try largestDifference(values[0].asFloats, Self.stored("resnet20-a.features")) < 1e-4)
    #expect(try largestDifference(values[1].asFloats, Self.stored("resnet20-a.map")) < 1e-4)
  }

  @Test func `Are given for one reference image too`() throws {
    let session = try ReferenceSession(
      Self.network([Self.map, Self.features]), batchSize: 8, values: [Self.map, Self.features])
    let second = try session.image(Array(Self.images[784...]))
    let first = try session.image(Array(Self.images[..<784]))
    let features = try Self.stored("resnet20-a.features")
    // The second image is asked after the first was shown.
    #expect(
      try largestDifference(second.value(Self.features).asFloats, Array(features[64...])) < 1e-4)
    #expect(
      try largestDifference(first.value(Self.features).asFloats, Array(features[..<64])) < 1e-4)
    #expect(try first.value(Self.map).shape == [1, 64, 7, 7])
  }

  @Test func `Have the gradient by the image that central differences show`() throws {
    let network = try Self.network([Self.features])
    let session = try ReferenceSession(
      network, batchSize: 8, values: [Self.features], gradient: true)
    let image = Array(Self.images[..<784])
    let feature = 5
    func value(_ image: [Float]) throws -> Double {
      Double(try session.image(image).value(Self.features).asFloats[feature])
    }
    var weights = [Float](repeating: 0, count: 64)
    weights[feature] = 1
    let gradient = try session.image(image).gradient(
      nil, values: [Self.features: Tensor([1, 64], weights)])
    let scale = Double(gradient.map(\.magnitude).max() ?? 0)
    #expect(scale > 0)
    var compared = 0
    for pixel in stride(from: 0, to: 784, by: 7) {
      func difference(_ step: Float) throws -> Double {
        var changed = image
        changed[pixel] = image[pixel] + step
        let above = try value(changed)
        changed[pixel] = image[pixel] - step
        return (above - (try value(changed))) / Double(2 * step)
      }
      let (narrow, wide) = (try difference(2e-3), try difference(5e-3))
      // Near a kink differences of two widths disagree; such pixels say nothing.
      guard abs(narrow - wide) < 0.02 * scale else { continue }
      compared += 1
      #expect(abs(Double(gradient[pixel]) - narrow) < 0.02 * scale, "pixel \(pixel)")
    }
    #expect(compared > 60)
  }

  @Test func `Join the logits in one weighted sum`() throws {
    let network = try Self.network([Self.features, Self.map])
    let session = try ReferenceSession(
      network, batchSize: 8, values: [Self.features, Self.map], gradient: true)
    let image = try session.image(Array(Self.images[..<784]))
    let ofLogits = (0..<10).map { Float($0) - 4 }
    let ofFeatures = Tensor([1, 64], (0..<64).map { Float(sin(Double($0))) })
    let ofMap = Tensor([1, 64, 7, 7], (0..<3136).map { Float(cos(Double($0))) })
    let together = try image.gradient(
      ofLogits, values: [Self.features: ofFeatures, Self.map: ofMap])
    let parts = [
      try image.gradient(ofLogits), try image.gradient(nil, values: [Self.features: ofFeatures]),
      try image.gradient(nil, values: [Self.map: ofMap]),
    ]
    let sum = together.indices.map { index in parts.reduce(0) { $0 + $1[index] } }
    let scale = sum.map(\.magnitude).max() ?? 0
    #expect(largestDifference(together, sum) < 1e-4 * scale)
  }

  @Test func `Are listed with their shapes`() throws {
    let network = try Self.network([])
    let values = try InnerValue.all(in: Self.model.get(), of: network)
    let map = try #require(values.first { $0.name == Self.map })
    #expect(map.type == "Relu")
    #expect(map.shape == [.images(1), .fixed(64), .fixed(7), .fixed(7)])
    #expect(values.first { $0.name == Self.features }?.shape == [.images(1), .fixed(64)])
    #expect(values.last?.name == network.outputName)
  }

  @Test func `An unknown one is refused with the nearest`() throws {
    #expect {
      _ = try Self.network(["/ReduceMean_output"])
    } throws: { error in
      "\(error)".contains("did you mean '\(Self.features)'?")
    }
  }

  /// A normalisation exported in training mode takes its statistics from the batch.
  @Test func `An image whose batch matters comes alone`() throws {
    let channels = ["s", "b", "m", "v"]
    let graph = Graph(
      name: "training",
      nodes: [
        Node(
          name: "norm", type: "BatchNormalization", inputs: ["x"] + channels, outputs: ["n"],
          attributes: ["training_mode": .int(1)]),
        Node(name: "flat", type: "Flatten", inputs: ["n"], outputs: ["y"]),
      ],
      initializers: Dictionary(
        uniqueKeysWithValues: channels.map { ($0, Tensor([1], [1] as [Float])) }),
      inputs: [
        ValueInfo(
          name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(2), .fixed(2)])
      ],
      outputs: [ValueInfo(name: "y", dimensions: nil)])
    let network = try Network(
      Model(irVersion: 8, opset: 17, producer: "", graph: graph), name: "training")
    #expect(network.batch == .fixed(1))
    let images: [[Float]] = [[1, 2, 3, 4], [10, 20, 30, 40]]
    func outputs(_ images: [[Float]]) throws -> [Float] {
      try Predictor(network, batchSize: 8).outputs(count: images.count) { i, target in
        _ = target.update(fromContentsOf: images[i])
      }
    }
    #expect(try outputs(images) == outputs([images[0]]) + outputs([images[1]]))
  }

  @Test func `A value whose first axis is no batch is refused image by image`() throws {
    let model = try Model(contentsOf: "\(FixtureModelTests.root)/engine/several.onnx")
    let graph = model.graph
    let turned = Graph(
      name: "turned",
      nodes: [
        Node(
          name: "turn", type: "Transpose", inputs: ["x"], outputs: ["t"],
          attributes: ["perm": .ints([1, 0, 2, 3])]),
        Node(
          name: "back", type: "Transpose", inputs: ["t"], outputs: ["u"],
          attributes: ["perm": .ints([1, 0, 2, 3])]),
        Node(name: "flat", type: "Flatten", inputs: ["u"], outputs: ["y"]),
      ],
      initializers: graph.initializers,
      inputs: [
        ValueInfo(name: "x", dimensions: [.dynamic("n"), .fixed(2), .fixed(3), .fixed(3)])
      ],
      outputs: [ValueInfo(name: "y", dimensions: nil)])
    let network = try Network(
      Model(irVersion: 8, opset: 17, producer: "", graph: turned), name: "turned",
      options: Network.Options(values: ["t"]))
    // Two channels, and two images a batch: only two sizes of batch tell them apart.
    #expect(throws: InferenceError.self) {
      try Predictor(network, batchSize: 2).outputs(count: 2, with: ["t"]) { _, target in
        target.update(repeating: 1)
      }
    }
  }
}

import Features
import Foundation
import Inference
import ONNX
import Testing

/// Repairs written into model files, read again.
@Suite struct RepairedModelTests {
  private static let images: [Float] = (0..<5 * 784).map { wave($0) }

  private static func wave(_ index: Int) -> Float {
    Float(sin(0.37 * Double(index)) + cos(Double(index / 784)))
  }

  /// Each model's fixed batch or other, external data, forms of the last layer and what follows it.
  @Test(arguments: [
    "models/resnet20-a", "models/vgg8", "features/heads/matmul", "features/heads/convolution",
  ])
  func `A repaired file gives the repaired logits, and stays as it was otherwise`(
    _ name: String
  ) throws {
    let path = "\(Reference.root)/\(name).onnx"
    let model = try Model(contentsOf: path)
    let plain = try Network(model, name: name)
    let head = try LinearHead(in: model, of: plain)
    let network = try Network(model, name: name, options: Network.Options(values: head.values))
    let found = try FeatureExtractor(head, Predictor(network, batchSize: 2)).find(
      count: 5, fill: fill)
    let d = head.featureCount
    // Directions that some images lie along and others against, two of one class.
    let repairs = try [(1, 2), (3, 1)].map { classIndex, directions in
      try LogitRepair(
        classIndex: classIndex, weights: head.weights(of: classIndex).map { Double($0) },
        mean: (0..<d).map { 0.1 * Double($0 % 3) },
        directions: (0..<directions * d).map { sin(Double($0 * 7 + classIndex)) })
    }
    var file = try ModelFile(contentsOf: path)
    let isInserted = file.insert(repairs, head: head, output: head.output, rank: head.outputRank)
    #expect(isInserted)
    // Data files lie beside the original.
    let repaired = try Model(file.serialized(), path: path)
    let outputs = try Predictor(Network(repaired, name: name), batchSize: 2)
      .outputs(count: 5, fill: fill)
    var changes = 0
    for image in 0..<5 {
      let features = found.features[image * d..<(image + 1) * d]
      var logits = (0..<head.classCount).map { head.logit(of: $0, features: features) }
      for repair in repairs {
        let reduction = repair.reduction(features)
        changes += reduction > 0 ? 1 : 0
        logits[repair.classIndex] -= reduction
      }
      let row = outputs[image * head.classCount..<(image + 1) * head.classCount].map { Double($0) }
      if plain.outputKind == .probabilities {
        let exponentials = logits.map { exp($0 - (logits.max() ?? 0)) }
        let sum = exponentials.reduce(0, +)
        #expect(Reference.difference(row, exponentials.map { $0 / sum }) < 1e-4)
      } else {
        #expect(Reference.difference(row, logits) < 1e-3)
      }
    }
    #expect(changes > 0)
    #expect(repaired.graph.inputs == model.graph.inputs)
    #expect(repaired.graph.outputs == model.graph.outputs)
    for (constant, tensor) in model.graph.initializers {
      #expect(repaired.graph.initializers[constant] == tensor)
    }
  }

  private func fill(_ image: Int, _ target: UnsafeMutableBufferPointer<Float>) {
    _ = target.update(fromContentsOf: Self.images[image * 784..<(image + 1) * 784])
  }

  @Test func `A value that no node makes cannot be repaired`() throws {
    var file = try ModelFile(contentsOf: "\(Reference.root)/models/resnet20-a.onnx")
    let isInserted = file.insert(behind: "nothing", constants: [:]) { _ in [] }
    #expect(!isInserted)
  }
}

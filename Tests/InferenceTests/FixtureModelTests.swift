import Datasets
import Foundation
import Inference
import ONNX
import Synchronization
import Testing

/// The three trained Fashion-MNIST models against ONNX Runtime's stored logits.
@Suite struct FixtureModelTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures").standardizedFileURL.path

  private func network(_ name: String) throws -> Network {
    let path = "\(Self.root)/models/\(name).onnx"
    return try Network(Model(contentsOf: path), name: path)
  }

  private func images(_ name: String, _ network: Network) throws -> ([[Float]], [Int]) {
    let preprocessing = try Preprocessing(
      contentsOf: "\(Self.root)/models/\(name).preprocess.json")
    let preprocessor = try Preprocessor(preprocessing, height: 28, width: 28, channels: 1)
    let dataset = try Dataset.open("\(Self.root)/fashion-mnist")
    let images = try (0..<dataset.count).map {
      try preprocessor.apply(dataset.image(at: $0), name: String($0))
    }
    return (images, try #require(dataset.labels))
  }

  @Test(arguments: [
    ("resnet20-a", 936, 272_186), ("resnet20-b", 930, 272_186), ("vgg8", 940, 288_170),
  ])
  func `Agrees with ONNX Runtime's logits and accuracy`(
    _ name: String, _ correct: Int, _ parameters: Int
  ) throws {
    let network = try network(name)
    // Both exporters folded batch normalisation away, which takes a few parameters with it.
    #expect(abs(network.parameterCount - parameters) < 2000)
    #expect(network.outputKind == .logits)
    let (images, labels) = try images(name, network)
    let outputs = try Predictor(network, batchSize: 50).outputs(count: images.count) { i, target in
      _ = target.update(fromContentsOf: images[i])
    }
    let file = URL(fileURLWithPath: "\(Self.root)/models/\(name).logits32.npy")
    let stored = try NPYArray(Data(contentsOf: file), path: file.path)
    guard case .floats(let logits) = stored.elements else {
      Issue.record("\(file.path) holds no floats")
      return
    }
    for (ours, theirs) in zip(outputs, logits) { #expect((ours - theirs).magnitude < 1e-4) }
    let predicted = (0..<images.count).map { i in
      let row = outputs[i * 10..<(i + 1) * 10]
      return (row.indices.max { row[$0] < row[$1] } ?? 0) - i * 10
    }
    #expect(zip(predicted, labels).count { $0 == $1 } == correct)
  }

  @Test(arguments: [(64, 1), (10, 2), (7, 3), (75, 4), (1, 1)])
  func `Passes of images that do not fill one are split, and none changes`(
    _ count: Int, _ passes: Int
  ) throws {
    let network = try network("vgg8")
    let (images, _) = try images("vgg8", network)
    let predictor = Predictor(network, batchSize: 64)
    let run = Mutex(0)
    predictor.willRun = { run.withLock { $0 += 1 } }
    func outputs(_ positions: Range<Int>, _ predictor: Predictor) throws -> [Float] {
      try predictor.outputs(count: positions.count) { i, target in
        _ = target.update(fromContentsOf: images[positions.lowerBound + i])
      }
    }
    let together = try outputs(0..<count, predictor)
    #expect(run.withLock { $0 } == passes)
    #expect(together.count == count * 10)
    let single = Predictor(network, batchSize: 1)
    for image in [0, count / 2, count - 1] {
      let alone = try outputs(image..<image + 1, single)
      for (ours, theirs) in zip(together[image * 10..<(image + 1) * 10], alone) {
        #expect((ours - theirs).magnitude < 1e-4)
      }
    }
  }
}

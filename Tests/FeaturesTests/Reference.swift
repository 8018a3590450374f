import Datasets
import Features
import Foundation
import Inference
import ONNX
import Testing

/// Reference numbers and the model they are of; see `fixtures/features/README.md`.
enum Reference {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures").standardizedFileURL.path

  static func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    let url = URL(fileURLWithPath: "\(root)/features/\(name).json")
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
  }

  static let scale = PixelScale(mean: [0.2860], std: [0.3530])

  /// A model with what it makes of the first 1,000 test images.
  struct Subject: Sendable {
    let model: Model
    let head: LinearHead
    let network: Network
    /// `[h, w, c]` in the network's units, by image.
    let images: [[Float]]
    let labels: [Int]
    let features: [Float]
    let outputs: [Float]
    let maps: [Float]

    init(_ name: String) throws {
      let path = "\(Reference.root)/models/\(name).onnx"
      model = try Model(contentsOf: path)
      head = try LinearHead(in: model, of: Network(model, name: name))
      let network = try Network(
        model, name: name, options: Network.Options(values: head.values))
      self.network = network
      let preprocessor = try Preprocessor(
        Preprocessing(contentsOf: "\(Reference.root)/models/\(name).preprocess.json"), height: 28,
        width: 28, channels: 1)
      let dataset = try Dataset.open("\(Reference.root)/fashion-mnist")
      let images = try (0..<1000).map {
        try preprocessor.apply(dataset.image(at: $0), name: String($0))
      }
      self.images = images
      labels = try #require(dataset.labels)
      let found = try FeatureExtractor(head, Predictor(network, batchSize: 50))
        .find(count: 1000, withMaps: true) { index, target in
          _ = target.update(fromContentsOf: images[index])
        }
      (features, outputs, maps) = (found.features, found.outputs, found.maps)
    }

    func features(of image: Int) -> ArraySlice<Float> { features[image * 64..<(image + 1) * 64] }
    func map(of image: Int) -> ArraySlice<Float> { maps[image * 64 * 49..<(image + 1) * 64 * 49] }

    /// log p − log(1 − p).
    func logOdds(of classIndex: Int, image: Int) -> Double {
      let logits = outputs[image * 10..<(image + 1) * 10].map { Double($0) }
      let others = logits.indices.filter { $0 != classIndex }.map { logits[$0] }
      let largest = others.max() ?? 0
      return logits[classIndex] - largest
        - log(others.reduce(0) { $0 + exp($1 - largest) })
    }

    var predicted: [Int] {
      (0..<outputs.count / 10).map { Reference.predictedClass(outputs[$0 * 10..<($0 + 1) * 10]) }
    }

    /// Images of a class by label, with their features.
    func images(of classIndex: Int) -> (indices: [Int], features: [Float]) {
      let indices = (0..<1000).filter { labels[$0] == classIndex }
      return (indices, indices.flatMap { features(of: $0) })
    }

    func components(of classIndex: Int) throws -> ClassComponents {
      var moments = FeatureMoments(dimension: 64)
      moments.add(images(of: classIndex).features)
      return try ClassComponents(classIndex: classIndex, head: head, moments: moments)
    }

    func outputs(of images: [[Float]]) throws -> [Float] {
      try Predictor(network, batchSize: 50).outputs(count: images.count) { index, target in
        _ = target.update(fromContentsOf: images[index])
      }
    }
  }

  static let resnetA = Result { try Subject("resnet20-a") }
  static let resnetB = Result { try Subject("resnet20-b") }

  static func predictedClass(_ logits: ArraySlice<Float>) -> Int {
    (logits.indices.max { (logits[$0], $1) < (logits[$1], $0) } ?? 0) - logits.startIndex
  }

  /// The largest difference, relative to what is above 1.
  static func difference(_ found: some Collection<Double>, _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
  }
}

import Audit
import Datasets
import Features
import Foundation
import Inference

/// A dataset's images with what a model makes of them.
struct SeenImages: Sendable {
  let dataset: Dataset
  let labels: [Int]
  /// φ, `[n, d]`.
  let features: [Float]
  /// `[n]`.
  let predicted: [Int]
  private let model: AuditedModel
  private let dimension: Int

  /// Images at which the layer found is held against the network's own output.
  private static let checked = 32

  /// Throws `FeatureError.notFinite`, `InferenceError.noLinearHead` where the layer does not give what the
  /// network gives, and what reading images throws.
  init(_ dataset: Dataset, model: AuditedModel, head: LinearHead, workers: Int) throws {
    let starts = Array(stride(from: 0, to: dataset.count, by: AuditedModel.chunk))
    let parts = try concurrentMap(
      count: starts.count, workers: workers,
      makeState: { FeatureExtractor(head, model.predictor()) },
      body: { index, extractor in
        let range = starts[index]..<min(starts[index] + AuditedModel.chunk, dataset.count)
        let images = try range.map { try model.image($0, of: dataset) }
        return try extractor.find(
          count: images.count, name: { dataset.identifiers[range.lowerBound + $0] }
        ) { image, target in
          _ = target.update(fromContentsOf: images[image])
        }
      })
    let classes = model.network.classCount
    let outputs = parts.flatMap(\.outputs)
    self.dataset = dataset
    self.model = model
    dimension = head.featureCount
    labels = dataset.labels ?? []
    features = parts.flatMap(\.features)
    predicted = (0..<dataset.count).map {
      ClassScore.predictedClass(outputs[$0 * classes..<($0 + 1) * classes])
    }
    try check(head, outputs)
  }

  /// φ of some images, `[count, d]`.
  func features(of images: some Sequence<Int>) -> [Float] {
    images.flatMap { features[$0 * dimension..<($0 + 1) * dimension] }
  }

  /// Of the images, those that the model is right on.
  var correct: Int { zip(predicted, labels).count { $0 == $1 } }

  /// SHA-256 of labels, predictions and features.
  var digest: String {
    let numbers = features.withUnsafeBytes { Digest.sha256($0) }
    return Digest.sha256(Data("\(labels) \(predicted) \(numbers)".utf8))
  }

  /// One image in the model's units, `[h, w, c]`.
  func image(_ index: Int) throws -> [Float] { try model.image(index, of: dataset) }

  func images(labelled classIndex: Int) -> [Int] {
    labels.indices.filter { labels[$0] == classIndex }
  }

  /// The layer's own logits must give what the network gives.
  private func check(_ head: LinearHead, _ outputs: [Float]) throws {
    let classes = head.classCount
    let count = min(SeenImages.checked, labels.count)
    let all = head.logits(of: features(of: 0..<count))
    for image in 0..<count {
      let logits = Array(all[image * classes..<(image + 1) * classes])
      let row = outputs[image * classes..<(image + 1) * classes].map { Double($0) }
      let isSame =
        switch model.network.outputKind {
        case .logits: zip(logits, row).allSatisfy { abs($0 - $1) <= 1e-3 * max(1, abs($1)) }
        case .probabilities, .logProbabilities, .sigmoid:
          // Only order is kept; of near equals either may be first.
          (logits.max() ?? 0) - logits[predicted[image]] <= 1e-3
        }
      guard isSame else {
        throw InferenceError.noLinearHead(
          model: model.name,
          reason: "the output of image '\(dataset.identifiers[image])' is not what \(head.type) "
            + "'\(head.node)' makes of its input")
      }
    }
  }
}

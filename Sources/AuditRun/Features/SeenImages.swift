import Audit
import Datasets
import Features
import Foundation
import Inference
import SharedWork

/// A dataset's images with what a model makes of them.
struct SeenImages: Sendable {
  let dataset: Dataset
  let labels: [Int]
  /// `[n]`.
  let predicted: [Int]
  /// φ, `[n, d]`.
  private let features: FeatureTable
  private let model: AuditedModel

  /// Images at which the layer found is held against the network's own output.
  private static let checked = 32

  /// Throws `FeatureError.notFinite`, `InferenceError.noLinearHead` where the layer does not give what the
  /// network gives, `AuditError.write`, and what reading images throws.
  init(_ dataset: Dataset, model: AuditedModel, head: LinearHead, workers: Int) throws {
    let starts = Array(stride(from: 0, to: dataset.count, by: AuditedModel.chunk))
    let table = try FeatureTable(rows: dataset.count, columns: head.featureCount)
    let classes = model.network.classCount
    let parts = try concurrentMap(
      count: starts.count, workers: workers,
      makeState: { FeatureExtractor(head, model.predictor()) },
      body: { index, extractor -> (predicted: [Int], outputs: [Float]) in
        let range = starts[index]..<min(starts[index] + AuditedModel.chunk, dataset.count)
        let images = try range.map { try model.image($0, of: dataset) }
        let found = try extractor.find(
          count: images.count, name: { dataset.identifiers[range.lowerBound + $0] }
        ) { image, target in
          _ = target.update(fromContentsOf: images[image])
        }
        table.write(found.features, first: range.lowerBound)
        let predicted = images.indices.map {
          ClassScore.predictedClass(found.outputs[$0 * classes..<($0 + 1) * classes])
        }
        return (predicted, index == 0 ? found.outputs : [])
      })
    self.dataset = dataset
    self.model = model
    labels = dataset.labels ?? []
    features = table
    predicted = parts.flatMap(\.predicted)
    try check(head, parts.first?.outputs ?? [])
  }

  /// φ of some images, `[count, d]`.
  func features(of images: some Sequence<Int>) -> [Float] { features.rows(images) }

  /// Of the images, those that the model is right on.
  var correct: Int { zip(predicted, labels).count { $0 == $1 } }

  /// SHA-256 of labels, predictions and features.
  var digest: String {
    let numbers = features.withUnsafeBytes { Digest.sha256($0) }
    return Digest.sha256(Data("\(labels) \(predicted) \(numbers)".utf8))
  }

  /// SHA-256 of names and labels, which are the same for every model.
  var imagesDigest: String {
    let lines = zip(dataset.identifiers, labels).map { "\($0) \($1)" }
    return Digest.sha256(Data(lines.joined(separator: "\n").utf8))
  }

  /// What each feature adds to logits, on average.
  func importance(_ head: LinearHead) -> FeatureImportance {
    var importance = FeatureImportance(head)
    for start in stride(from: 0, to: labels.count, by: AuditedModel.chunk) {
      let range = start..<min(start + AuditedModel.chunk, labels.count)
      importance.add(features(of: range), predictedClasses: Array(predicted[range]))
    }
    return importance
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
        case .logits:
          zip(logits, row).allSatisfy {
            abs($0 * Double(head.outputScale) - $1) <= 1e-3 * max(1, abs($1))
          }
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

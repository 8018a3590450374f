import Datasets
import Foundation
import SharedWork

/// What one model says of every image of the dataset.
package struct ModelPredictions: Codable, Equatable, Sendable {
  package let name: String
  package let predicted: PackedNumbers<UInt32>
  /// Of the predicted class.
  package let confidence: PackedNumbers<Float>

  package init(
    name: String, predicted: PackedNumbers<UInt32>, confidence: PackedNumbers<Float>
  ) {
    self.name = name
    self.predicted = predicted
    self.confidence = confidence
  }
}

/// What every model says of every image of the dataset, audited or not.
///
/// Stored as `records/predictions.json`, so that two runs can be compared image by image.
package struct Predictions: Codable, Equatable, Sendable {
  package static let currentVersion = 1

  package var version = currentVersion
  /// Digest of the plan these predictions belong to.
  package let planDigest: String
  package let identifiers: [String]
  package let labels: PackedNumbers<UInt32>
  /// The first 8 bytes of the SHA-256 of each image as it is displayed, so that an image is known
  /// again whatever mean and deviation a model subtracts.
  package let pictures: PackedNumbers<UInt64>
  package let models: [ModelPredictions]

  package init(
    planDigest: String, identifiers: [String], labels: [Int], pictures: [UInt64],
    models: [ModelPredictions]
  ) {
    self.planDigest = planDigest
    self.identifiers = identifiers
    self.labels = PackedNumbers(labels.map { UInt32($0) })
    self.pictures = PackedNumbers(pictures)
    self.models = models
  }
}

extension Predictions {
  /// The mark by which an image is known again: the first 8 bytes of the SHA-256 of its pixels.
  package static func mark<Number: BitwiseCopyable>(of pixels: [Number]) -> UInt64 {
    UInt64(pixels.withUnsafeBytes { Digest.sha256($0) }.prefix(16), radix: 16) ?? 0
  }
}

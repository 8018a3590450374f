import Foundation
import SharedWork

/// The parts that an audit's images are searched, stored and merged in.
///
/// They depend on the images alone, never on how many workers or shards there are.
package struct PlannedParts: Codable, Equatable, Sendable {
  /// One part: a few images, with all models.
  package struct Part: Equatable, Sendable {
    package let index: Int
    /// Indices in the dataset.
    package let images: [Int]
    package let labels: [Int]
    /// The stratum of each image.
    package let strata: [Int]
    /// See `PlannedParts.digests`.
    package let digests: [UInt64]
    /// Digest of all that changes its record.
    package let key: String
  }

  /// The most images of a part, so that a shard that is lost loses little.
  private static let mostImages = 64
  /// From so many parts on they get larger.
  private static let manyParts = 4096

  /// Images of every part but the last.
  package let size: Int
  /// Folder of part records: a digest of what changes all of them.
  package let folder: String
  /// The images that were drawn, as indices in the dataset, in the order in which they are searched.
  package let images: PackedNumbers<UInt32>
  package let labels: PackedNumbers<UInt32>
  private let strata: PackedNumbers<UInt8>
  /// Of the preprocessed images: the first 8 bytes of their SHA-256, so that other data is noticed.
  package let digests: PackedNumbers<UInt64>
  /// `[model]`: the class predicted on each whole image.
  package let predicted: [PackedNumbers<UInt32>]

  /// `digests`, `labels`: by image of the dataset.
  ///
  /// `predicted`: `[model][image of the dataset]`.
  package init(
    _ sample: AuditSample, models: [PlannedModel], settings: AuditSettings, labels: [Int],
    digests: [UInt64], predicted: [[Int]]
  ) throws {
    let order = sample.searchOrder
    size = min(
      PlannedParts.mostImages, max(1, order.count / PlannedParts.manyParts))
    images = PackedNumbers(order.map { UInt32(sample.images[$0]) })
    self.labels = PackedNumbers(order.map { UInt32(labels[sample.images[$0]]) })
    strata = PackedNumbers(order.map { UInt8(sample.strataOfImages[$0]) })
    self.digests = PackedNumbers(order.map { digests[sample.images[$0]] })
    self.predicted = predicted.map { predicted in
      PackedNumbers(order.map { UInt32(predicted[sample.images[$0]]) })
    }
    let common = try CanonicalJSON.encode(
      Common(
        version: PartRecord.currentVersion, models: models.map(\.recordFolder),
        thresholds: settings.thresholds, subsetFraction: settings.subsetFraction,
        randomDraws: settings.randomDraws, seed: settings.seed, strata: sample.strata.count),
      pretty: false)
    folder = "parts-" + Digest.sha256(common).prefix(12)
  }

  /// All that changes every part's record; its models' folders are named after what changes theirs.
  private struct Common: Encodable {
    let version: Int
    let models: [String]
    let thresholds: [Double]
    let subsetFraction: Double
    let randomDraws: Int
    let seed: UInt64
    let strata: Int
  }

  private struct Key: Encodable {
    let folder: String
    let images: [UInt32]
    let labels: [UInt32]
    let strata: [UInt8]
    let digests: [UInt64]
    let predicted: [[UInt32]]
  }

  package var count: Int { (images.values.count + size - 1) / size }

  /// - Throws: When its key cannot be encoded.
  package func part(_ index: Int) throws -> Part {
    let range = index * size..<min((index + 1) * size, images.values.count)
    let key = try CanonicalJSON.encode(
      Key(
        folder: folder, images: Array(images.values[range]), labels: Array(labels.values[range]),
        strata: Array(strata.values[range]), digests: Array(digests.values[range]),
        predicted: predicted.map { Array($0.values[range]) }), pretty: false)
    return Part(
      index: index, images: images.values[range].map { Int($0) },
      labels: labels.values[range].map { Int($0) }, strata: strata.values[range].map { Int($0) },
      digests: Array(digests.values[range]), key: Digest.sha256(key))
  }

  /// The class that a model predicts on a whole image of a part.
  package func predicted(_ model: Int, part: Int, image: Int) -> Int {
    Int(predicted[model].values[part * size + image])
  }

  /// The part that an image of the dataset is in; nil where it was not drawn.
  package func part(ofImage image: Int) -> Int? {
    images.values.firstIndex(of: UInt32(image)).map { $0 / size }
  }
}

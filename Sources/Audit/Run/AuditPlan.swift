import Datasets
import Foundation

/// Everything known before BackSelect starts: models, data, sample and masks.
///
/// Stored as `records/plan.json`; the same for any number of workers.
package struct AuditPlan: Codable, Equatable, Sendable {
  package static let currentVersion = 2

  package struct Model: Codable, Equatable, Sendable {
    package let name: String
    package let digest: String
    package let parameters: Int
    package let multiplyAdds: Int
    package let opset: Int
    package let output: String
    /// Whether it computes with quantised numbers; nil in plans of earlier versions.
    package let isQuantized: Bool?
    package let preprocessing: Preprocessing
    /// Correct among all images of the dataset.
    package let correct: Int
    /// Correct within the five highest classes; nil with 10 classes or fewer.
    package let correctInTopFive: Int?
    package let masks: [MaskCandidate]
    /// What masked pixels look like, one byte per channel.
    package let maskDisplay: [UInt8]
    /// Folder of this model's records: name and a digest of all that changes them.
    package let recordFolder: String
    /// How it was read, and why; nil in plans of earlier versions.
    package let readings: [Reading]?

    /// The mask value in use.
    package var mask: MaskCandidate {
      guard let chosen = masks.first(where: \.isChosen) else {
        preconditionFailure("no mask of '\(name)' is chosen")
      }
      return chosen
    }
  }

  package struct Data: Codable, Equatable, Sendable {
    package let name: String
    package let format: String
    package let images: Int
    package let classNames: [String]?
    /// SHA-256 over labels and audited images.
    package let digest: String
    /// How they were read, and why; nil in plans of earlier versions.
    package let readings: [Reading]?
    /// Classes that some image has; nil in plans of earlier versions.
    package let classesPresent: Int?
  }

  package var version = currentVersion
  package let models: [Model]
  package let data: Data
  package let settings: AuditSettings
  package let sample: AuditSample
  package let classCount: Int
  package let height: Int
  package let width: Int

  package var pixelCount: Int { height * width }
  package var subsetSize: Int { settings.subsetSize(pixels: pixelCount) }

  /// SHA-256 of the plan as it is stored.
  package var storedDigest: String {
    get throws { Digest.sha256(try CanonicalJSON.encode(self, pretty: false)) }
  }

  package func className(_ index: Int) -> String {
    if let names = data.classNames, names.indices.contains(index) { return names[index] }
    return "class \(index)"
  }
}

import Datasets
import Foundation
import SharedWork
import Statistics

/// Everything known before BackSelect starts: models, data, sample and masks.
///
/// Stored as `records/plan.json`; the same for any number of workers.
package struct AuditPlan: Codable, Equatable, Sendable {
  package static let currentVersion = 5

  package var version = currentVersion
  package let models: [PlannedModel]
  package let data: PlannedData
  package let settings: AuditSettings
  package let sample: AuditSample
  package let classCount: Int
  /// Rows and columns of an image as the models see it.
  package let height: Int
  package let width: Int
  /// The most images of the random-subset baseline; fewer where time is limited.
  package var mostRandomImages = 2000
  /// How often conclusions are drawn before all images are searched, the last time included; see
  /// `SequentialLooks`.
  package var looks = 1
  /// All images that were drawn, as they are searched; nil where there is nothing to search.
  package var parts: PlannedParts?
  /// Nil where there is none.
  package var baseline: PlannedBaseline?

  package init(
    models: [PlannedModel], data: PlannedData, settings: AuditSettings, sample: AuditSample,
    classCount: Int, height: Int, width: Int
  ) {
    self.models = models
    self.data = data
    self.settings = settings
    self.sample = sample
    self.classCount = classCount
    self.height = height
    self.width = width
  }

  /// The plan of the images that were searched before the audit ended.
  ///
  /// `sample`: those of this plan's.
  ///
  /// `labels`: by image of the dataset.
  package func keeping(_ sample: AuditSample, labels: [Int]) -> AuditPlan {
    let digests = parts.map { parts in
      Dictionary(uniqueKeysWithValues: zip(parts.images.values, parts.digests.values))
    }
    let digest = PlannedData.digest(
      labels: labels, images: sample.images.compactMap { digests?[UInt32($0)] })
    var plan = AuditPlan(
      models: models, data: data.with(digest: digest), settings: settings,
      sample: sample, classCount: classCount, height: height, width: width)
    plan.mostRandomImages = mostRandomImages
    plan.looks = looks
    plan.parts = parts
    plan.baseline = baseline
    return plan
  }

  /// Of every interval: looks share the errors.
  package var intervalLevel: IntervalLevel { SequentialLooks.level(looks: looks) }

  package var pixelCount: Int { height * width }
  /// Pixels of a q% subset.
  package var subsetSize: Int { settings.subsetSize(pixels: pixelCount) }

  /// SHA-256 of the plan as it is stored.
  package var storedDigest: String {
    get throws { Digest.sha256(try CanonicalJSON.encode(self, pretty: false)) }
  }

  /// How to call a class in text: its name, or its number.
  package func className(_ index: Int) -> String {
    if let names = data.classNames, names.indices.contains(index) { return names[index] }
    return "class \(index)"
  }
}

/// The data of an audit, as its plan states it.
package struct PlannedData: Codable, Equatable, Sendable {
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

  package init(
    name: String, format: String, images: Int, classNames: [String]?, digest: String,
    readings: [Reading]?, classesPresent: Int?
  ) {
    self.name = name
    self.format = format
    self.images = images
    self.classNames = classNames
    self.digest = digest
    self.readings = readings
    self.classesPresent = classesPresent
  }

  fileprivate func with(digest: String) -> PlannedData {
    PlannedData(
      name: name, format: format, images: images, classNames: classNames, digest: digest,
      readings: readings, classesPresent: classesPresent)
  }

  /// SHA-256 over labels and audited images.
  ///
  /// `images`: the digest of each; see `PlannedParts.digests`.
  package static func digest(labels: [Int], images: [UInt64]) -> String {
    Digest.sha256(
      Data(
        (labels.map(String.init).joined(separator: ",")
          + images.map { String($0, radix: 16) }.joined(separator: ",")).utf8))
  }
}

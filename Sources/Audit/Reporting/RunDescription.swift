import Foundation
import SharedWork

/// `run.json`: what ran where.
///
/// Unlike `audit.json` it differs between machines and runs.
package struct RunDescription: Codable, Equatable, Sendable {
  package static let toolVersion = "0.1.0"

  package let version: String
  package let date: String
  package let workers: Int
  package let batchSize: String
  package let seconds: Double?
  /// What one more audited image takes, all models together, on this machine with these workers; nil where
  /// nothing was searched.
  package let secondsPerImage: Double?
  package var processor: String
  /// How many processes shared the audit; nil for one that did all of it.
  package var shards: Int?
  package let cores: Int
  package let libraries: [String]
  package let arguments: [String]
  /// SHA-256 of the stored plan: models, data and settings.
  package let plan: String

  package enum CodingKeys: String, CodingKey {
    case version, date, workers, seconds, processor, cores, libraries, arguments, plan, shards
    case batchSize = "batch_size"
    case secondsPerImage = "seconds_per_image"
  }

  /// Throws when the plan cannot be encoded.
  package init(
    date: String, workers: Int, batchSize: String, seconds: Double?,
    secondsPerImage: Double? = nil, libraries: [String], arguments: [String], plan: AuditPlan
  ) throws {
    self.init(
      date: date, workers: workers, batchSize: batchSize, seconds: seconds,
      secondsPerImage: secondsPerImage, libraries: libraries, arguments: arguments,
      planDigest: try plan.storedDigest)
  }

  /// `libraries`: name and version of what computes and draws.
  package init(
    date: String, workers: Int, batchSize: String, seconds: Double?,
    secondsPerImage: Double? = nil, libraries: [String], arguments: [String], planDigest: String
  ) {
    version = RunDescription.toolVersion
    self.date = date
    self.workers = workers
    self.batchSize = batchSize
    self.seconds = seconds
    self.secondsPerImage = secondsPerImage
    processor = Machine.processor
    cores = ProcessInfo.processInfo.activeProcessorCount
    self.libraries = libraries
    self.arguments = arguments
    plan = planDigest
  }

  /// What an earlier run left; of this moment when it left nothing.
  ///
  /// `libraries`: those of this moment.
  ///
  /// Throws when the plan cannot be encoded.
  package static func stored(
    _ folder: RunFolder, plan: AuditPlan, libraries: [String]
  ) throws -> RunDescription {
    let data = FileManager.default.contents(atPath: folder.file("run.json"))
    let digest = try plan.storedDigest
    let stored = data.flatMap { try? JSONDecoder().decode(RunDescription.self, from: $0) }
    // One of another audit in the same folder says nothing of this one.
    return try stored.flatMap { $0.plan == digest ? $0 : nil }
      ?? RunDescription(
        date: ISO8601DateFormatter().string(from: Date()), workers: 0, batchSize: "unknown",
        seconds: nil, libraries: libraries, arguments: [], plan: plan)
  }

  /// What a run in a folder left, of whatever it was a run; nil where nothing can be read.
  package init?(folder: String) {
    guard let data = FileManager.default.contents(atPath: "\(folder)/run.json"),
      let stored = try? JSONDecoder().decode(RunDescription.self, from: data)
    else { return nil }
    self = stored
  }

  /// As rows of the provenance table.
  package var rows: [(String, String)] {
    [
      ("overinterp", version), ("Date", date), ("Libraries", libraries.joined(separator: "; ")),
      (
        "Processor",
        shards.map { "\(processor), \($0) shards" }
          ?? "\(processor), \(cores) cores, \(workers) workers"
      ),
      ("Time", seconds.map { "\(Int($0.rounded())) s" } ?? "–"),
    ]
  }
}

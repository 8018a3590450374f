import Datasets
import Foundation

/// Where an audit keeps what it finds.
package struct RunFolder: Sendable {
  package let path: String

  package init(_ path: String) {
    self.path = path
  }

  package var recordsPath: String { file("records") }
  package var planPath: String { file("records/plan.json") }
  package var evaluationsPath: String { file("records/subset-evaluations.json") }

  package var predictionsPath: String { file("records/predictions.json") }

  package var assessmentPath: String { file("records/assessment.json") }

  /// The path of a file in the folder.
  package func file(_ name: String) -> String {
    path.appending(pathPart: name)
  }

  /// Where the record of one model and image lies; `image` counts in the dataset.
  package func recordPath(_ model: PlannedModel, image: Int) -> String {
    file("records/\(model.recordFolder)/\(image).json")
  }

  /// Where an unfinished search for a record keeps how far it is.
  package func checkpointPath(_ model: PlannedModel, image: Int) -> String {
    file("records/\(model.recordFolder)/\(image).checkpoint.json")
  }

  /// Makes the folder and proves that it can be written.
  ///
  /// - Throws: `AuditError.outputFolder`.
  package func prepare() throws {
    let probe = file(".writable")
    try RecordFile.replace(probe, with: Data())
    unlink(probe)
  }

  /// Removes what was concluded from other records, so that it is never taken for these.
  package func removeConclusions() {
    for name in [
      "audit.json", "junit.xml", "records/assessment.json", "report.html", "report.pdf",
      "summary.md", "results.jsonl", "run.json", "records/subset-evaluations.json",
    ] { unlink(file(name)) }
  }

  /// Reads an audit; of one that was stopped the images that every model has finished.
  ///
  /// - Throws: `AuditError` naming what is missing.
  package func results() throws -> AuditResults {
    guard let plan = RecordFile.read(AuditPlan.self, from: planPath),
      plan.version == AuditPlan.currentVersion
    else { throw AuditError.notARunDirectory(path: path) }
    let records = try records(plan)
    let digest = try plan.storedDigest
    let predictions = RecordFile.read(Predictions.self, from: predictionsPath).flatMap {
      $0.version == Predictions.currentVersion && $0.planDigest == digest ? $0 : nil
    }
    // What no audit has written yet is missing; what is there and cannot be read is damaged.
    guard FileManager.default.fileExists(atPath: evaluationsPath) else {
      return try unfinished(plan, records, predictions).with(features: features(plan))
    }
    guard
      let evaluations = RecordFile.read(SubsetEvaluations.self, from: evaluationsPath),
      evaluations.version == SubsetEvaluations.currentVersion,
      evaluations.planDigest == digest
    else {
      throw AuditError.record(path: evaluationsPath, reason: "is damaged or of another audit")
    }
    for (model, found) in zip(plan.models, records) {
      for (image, record) in zip(plan.sample.images, found) where record == nil {
        throw AuditError.record(path: recordPath(model, image: image), reason: "is missing")
      }
    }
    return AuditResults(
      plan: plan, records: records.map { $0.compactMap { $0 } }, evaluations: evaluations,
      predictions: predictions, features: try features(plan))
  }

  /// `[model]`; nil where they were not looked for, or not to the end.
  ///
  /// - Throws: `AuditError.record`.
  package func features(_ plan: AuditPlan) throws -> [FeatureResults?] {
    try plan.models.map { try featureStore($0).finishedResults() }
  }

  private func unfinished(
    _ plan: AuditPlan, _ records: [[ImageRecord?]], _ predictions: Predictions?
  ) throws -> AuditResults {
    let positions = plan.sample.images.indices.filter { position in
      records.allSatisfy { $0[position] != nil }
    }
    guard let first = records.first, !positions.isEmpty, let predictions else {
      throw AuditError.nothingFinished(path: path)
    }
    let planned = plan.sample.images.count
    let images = positions.compactMap { first[$0]?.imageDigest }
    let sample = plan.sample.keeping(
      Set(positions),
      ended: positions.count == planned
        ? "The audit was stopped before subsets were compared."
        : "The audit was stopped at \(positions.count) of \(planned) images.")
    return AuditResults(
      plan: plan.keeping(
        sample,
        dataDigest: PlannedData.digest(
          labels: predictions.labels.values.map { Int($0) }, images: images)),
      records: records.map { found in positions.compactMap { found[$0] } }, evaluations: nil,
      predictions: predictions)
  }

  /// `[model][position in the sample]`; nil where there is none.
  ///
  /// - Throws: `AuditError.record` where one is damaged.
  private func records(_ plan: AuditPlan) throws -> [[ImageRecord?]] {
    let images = plan.sample.images
    let found = try concurrentMap(
      count: plan.models.count * images.count,
      workers: ProcessInfo.processInfo.activeProcessorCount, makeState: {},
      body: { index, _ -> ImageRecord? in
        let path = recordPath(
          plan.models[index / images.count], image: images[index % images.count])
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let record = RecordFile.read(ImageRecord.self, from: path),
          record.version == ImageRecord.currentVersion
        else { throw AuditError.record(path: path, reason: "is damaged") }
        return record
      })
    return plan.models.indices.map { model in
      Array(found[model * images.count..<(model + 1) * images.count])
    }
  }
}

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
      "summary.md", "results.jsonl", "run.json",
    ] { unlink(file(name)) }
  }

  /// Reads a finished audit.
  ///
  /// - Throws: `AuditError` naming what is missing.
  package func results() throws -> AuditResults {
    guard let plan = RecordFile.read(AuditPlan.self, from: planPath),
      plan.version == AuditPlan.currentVersion
    else { throw AuditError.notARunDirectory(path: path) }
    let images = plan.sample.images
    let found = try concurrentMap(
      count: plan.models.count * images.count,
      workers: ProcessInfo.processInfo.activeProcessorCount, makeState: {},
      body: { index, _ in
        let path = recordPath(
          plan.models[index / images.count], image: images[index % images.count])
        guard let record = RecordFile.read(ImageRecord.self, from: path),
          record.version == ImageRecord.currentVersion
        else {
          throw AuditError.record(path: path, reason: "is missing or damaged")
        }
        return record
      })
    let records = plan.models.indices.map { model in
      Array(found[model * images.count..<(model + 1) * images.count])
    }
    let digest = try plan.storedDigest
    guard
      let evaluations = RecordFile.read(SubsetEvaluations.self, from: evaluationsPath),
      evaluations.version == SubsetEvaluations.currentVersion,
      evaluations.planDigest == digest
    else {
      throw AuditError.record(
        path: evaluationsPath, reason: "is missing, damaged or of another audit")
    }
    let predictions = RecordFile.read(Predictions.self, from: predictionsPath)
    return AuditResults(
      plan: plan, records: records, evaluations: evaluations,
      predictions: predictions.flatMap {
        $0.version == Predictions.currentVersion && $0.planDigest == digest ? $0 : nil
      })
  }
}

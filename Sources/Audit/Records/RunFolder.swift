import Datasets
import Foundation
import SharedWork

/// Where an audit keeps what it finds.
package struct RunFolder: Sendable {
  package let path: String

  package init(_ path: String) {
    self.path = path
  }

  package var recordsPath: String { file("records") }
  package var planPath: String { file("records/plan.json") }
  package var predictionsPath: String { file("records/predictions.json") }

  package var assessmentPath: String { file("records/assessment.json") }

  /// The path of a file in the folder.
  package func file(_ name: String) -> String {
    path.appending(pathPart: name)
  }

  /// Where the record of one model and image lies; `image` counts in the dataset.
  package func recordPath(_ model: PlannedModel, image: Int) -> String {
    file("records/\(model.recordFolder)/\(RunFolder.spread(image)).json")
  }

  /// Where an unfinished search for a record keeps how far it is.
  package func checkpointPath(_ model: PlannedModel, image: Int) -> String {
    file("records/\(model.recordFolder)/\(RunFolder.spread(image)).checkpoint.json")
  }

  /// Where the record of a part lies, named after its first image.
  package func partPath(_ parts: PlannedParts, _ part: PlannedParts.Part) -> String {
    file("records/\(parts.folder)/\(RunFolder.spread(part.images[0])).json")
  }

  /// A number as a path in folders of a thousand entries each, for a thousand million numbers.
  private static func spread(_ number: Int) -> String {
    String(format: "%03d/%03d/%d", number / 1_000_000, number / 1000 % 1000, number)
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
}

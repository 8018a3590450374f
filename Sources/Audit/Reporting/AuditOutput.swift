import Foundation
import Reports

/// Writes everything that a finished audit leaves, from its results alone.
package struct AuditOutput: Sendable {
  package let folder: RunFolder
  package let writer: ReportWriter

  package init(folder: RunFolder, writer: ReportWriter) {
    self.folder = folder
    self.writer = writer
  }

  /// - Throws: `AuditError`, `ReportError` or `FigureError`.
  package func write(_ results: AuditResults, run: RunDescription) throws {
    let sections = MeasuredSection.all(results)
    try store("run.json", CanonicalJSON.encode(run, pretty: true))
    try store("results.jsonl", ResultLine.lines(results))
    try store(
      "audit.json",
      CanonicalJSON.encode(AuditReport(results, sections: sections), pretty: true))
    let document = AuditDocument.make(
      results, sections: sections, date: run.date, provenance: run.rows)
    try writer.write(document) { try store($0, $1) }
  }

  private func store(_ name: String, _ data: Data) throws {
    try RecordFile.replace(folder.file(name), with: data)
  }
}

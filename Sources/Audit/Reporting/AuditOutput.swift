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

  /// Judges the audit and writes its report.
  ///
  /// `criteria`: nil holds it against what it was held against before.
  ///
  /// Throws `AuditError`, `HistoryError`, `ReportError` or `FigureError`; numbers are written before
  /// anything can fail to be judged.
  package func write(
    _ results: AuditResults, run: RunDescription, criteria: Assessment.Criteria?
  ) throws -> Assessment {
    let sections = MeasuredSection.all(results)
    try store("run.json", CanonicalJSON.encode(run, pretty: true))
    try store("results.jsonl", ResultLine.lines(results))
    try store(
      "audit.json",
      CanonicalJSON.encode(AuditReport(results, sections: sections), pretty: true))
    let assessment = try assess(results, sections, run, criteria)
    try RecordFile.write(assessment, to: folder.assessmentPath)
    try store("junit.xml", assessment.gate.junit)
    let document = AuditDocument.make(
      results, sections: sections, assessment: assessment, date: run.date, provenance: run.rows)
    try writer.write(document) { try store($0, $1) }
    return assessment
  }

  private func assess(
    _ results: AuditResults, _ sections: [MeasuredSection], _ run: RunDescription,
    _ criteria: Assessment.Criteria?
  ) throws -> Assessment {
    if criteria == nil, let stored = try Assessment.stored(folder) { return stored }
    return try Assessment(
      results, sections: sections, run: run, folder: folder, criteria ?? Assessment.Criteria())
  }

  private func store(_ name: String, _ data: Data) throws {
    try RecordFile.replace(folder.file(name), with: data)
  }
}

import Foundation
import Reports
import SharedWork

/// Writes everything that an analysis of features leaves, from its results alone.
package struct FeatureOutput: Sendable {
  /// The folder's path.
  package let folder: String
  package let writer: ReportWriter

  package init(folder: String, writer: ReportWriter) {
    self.folder = folder
    self.writer = writer
  }

  /// Writes the report, the numbers, and what people need to label components.
  ///
  /// `date`: ISO 8601.
  ///
  /// Throws `AuditError`, `ReportError` or `FigureError`.
  package func write(_ results: FeatureResults, date: String) throws {
    try store("features.json", CanonicalJSON.encode(results.findings, pretty: true))
    try writer.write(FeatureDocument.make(results, date: date)) { name, data in
      try store(name.replacing(/^report\./, with: "features."), data)
    }
    try writeLabelPage(results)
  }

  /// Writes the page on which components are labelled, and the same as a sheet.
  ///
  /// `name`: before the files' names, where there are several models.
  package func writeLabelPage(_ results: FeatureResults, name: String = "") throws {
    try store(
      "\(name)labels.html", LabelPage.make(results).render(templates: writer.templates))
    try store("\(name)labels.csv", results.findings.emptySheet)
  }

  private func store(_ name: String, _ data: Data) throws {
    try RecordFile.replace("\(folder)/\(name)", with: data)
  }
}

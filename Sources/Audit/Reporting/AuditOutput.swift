import Foundation
import Reports
import SharedWork

/// Writes everything that a finished audit leaves, from its results alone.
package struct AuditOutput: Sendable {
  package let folder: RunFolder
  package let writer: ReportWriter
  package let appendix: AuditAppendix.Placement

  package init(
    folder: RunFolder, writer: ReportWriter, appendix: AuditAppendix.Placement = .pdf
  ) {
    self.folder = folder
    self.writer = writer
    self.appendix = appendix
  }

  /// Judges the audit and writes its report.
  ///
  /// `criteria`: nil holds it against what it was held against before.
  ///
  /// Throws `AuditError`, `HistoryError`, `ReportError` or `FigureError`. Numbers are written before
  /// anything can fail to be judged, and a history that cannot be written keeps no report from being.
  package func write(
    _ results: AuditResults, run: RunDescription, criteria: Assessment.Criteria?
  ) throws -> Assessment {
    let sections = MeasuredSection.all(results)
    try store("run.json", CanonicalJSON.encode(run, pretty: true))
    try ResultLine.write(results, to: folder.file("results.jsonl"))
    try store(
      "audit.json",
      CanonicalJSON.encode(AuditJSON(results, sections: sections), pretty: true))
    var assessment: Assessment
    if criteria == nil, let stored = try Assessment.stored(folder, plan: results.plan) {
      assessment = stored
    } else {
      assessment = try Assessment(results, sections: sections, criteria ?? Assessment.Criteria())
    }
    var problem: (any Error)?
    if let criteria, let history = criteria.history {
      do {
        assessment.trends = try Trends(
          adding: results, sections: sections, gate: assessment.gate, run: run, folder: folder,
          policy: criteria.policy, to: history)
      } catch {
        problem = error
      }
    }
    try RecordFile.write(assessment, to: folder.assessmentPath)
    try store("junit.xml", assessment.gate.junit)
    let document = AuditDocument.make(
      results, sections: sections, assessment: assessment, run: run, appendix: appendix)
    try refuseDamaged(results)
    var written: Set<String> = []
    try writer.write(document) { name, data in
      written.insert(name)
      try store(name, data)
    }
    try removePages(except: written)
    if let problem { throw problem }
    return assessment
  }

  /// Sets aside a record that a picture asked for and that cannot be read, so that it is made again.
  ///
  /// - Throws: `AuditError.record` when there is one.
  private func refuseDamaged(_ results: AuditResults) throws {
    guard let (model, position) = results.wholeRecords.damaged else { return }
    let image = results.plan.sample.images[position]
    let path = folder.recordPath(results.plan.models[model], image: image)
    rename(path, path + ".damaged")
    // Its part is then to be done again, of which the other images are there.
    if let parts = results.plan.parts, let part = parts.part(ofImage: image) {
      unlink(folder.partPath(parts, try parts.part(part)))
    }
    throw AuditError.record(path: path, reason: "is damaged and was set aside")
  }

  /// Removes what an earlier rendering wrote and this one does not have: pages of models that are no
  /// longer audited, style sheets and pictures of another packaging.
  private func removePages(except written: Set<String>) throws {
    let list = folder.file("records/pages.json")
    let pages = written.filter { !$0.hasPrefix("figures/") && !$0.hasPrefix("tables/") }
    for name in RecordFile.read([String].self, from: list) ?? [] where !pages.contains(name) {
      unlink(folder.file(name))
    }
    try RecordFile.write(pages.sorted(), to: list)
  }

  private func store(_ name: String, _ data: Data) throws {
    try RecordFile.replace(folder.file(name), with: data)
  }
}

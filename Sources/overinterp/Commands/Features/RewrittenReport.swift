import Audit
import AuditRun
import Foundation
import Reports

/// Writes the report of a folder with features again, with what is known now.
func rewriteReport(
  of options: FeatureFolderOptions, _ results: FeatureResults, _ writer: ReportWriter
) throws {
  guard try FeatureFolder(options.folder).isAudit else {
    let date = RunDescription(folder: options.folder)?.date
    try FeatureOutput(folder: options.folder, writer: writer).write(
      results, date: date ?? ISO8601DateFormatter().string(from: Date()))
    return
  }
  let folder = RunFolder(options.folder)
  let audit = try folder.results()
  let run = try RunDescription.stored(
    folder, plan: audit.plan, libraries: ComputingLibraries.versions)
  _ = try AuditOutput(folder: folder, writer: writer).write(audit, run: run, criteria: nil)
}

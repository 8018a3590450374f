import Audit
import Foundation

/// The page that GitHub Actions shows for a step.
enum StepSummary {
  /// Appends a Markdown file to it when the environment names one (`$GITHUB_STEP_SUMMARY`).
  ///
  /// - Throws: `AuditError.outputFolder` when it cannot be written.
  static func append(contentsOf path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
    try append(text)
  }

  /// Appends Markdown to it.
  ///
  /// - Throws: `AuditError.outputFolder` when it cannot be written.
  static func append(_ text: String) throws {
    let environment = ProcessInfo.processInfo.environment
    guard let summary = environment["GITHUB_STEP_SUMMARY"], !summary.isEmpty else { return }
    let old = FileManager.default.contents(atPath: summary) ?? Data()
    try RecordFile.replace(summary, with: old + Data(text.utf8))
  }
}

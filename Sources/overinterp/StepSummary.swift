import Foundation

/// The page that GitHub Actions shows for a step.
enum StepSummary {
  /// Appends a Markdown file to it when the environment names one (`$GITHUB_STEP_SUMMARY`).
  static func append(contentsOf path: String) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
    append(text)
  }

  /// Appends Markdown to it; that it cannot be written changes no verdict.
  static func append(_ text: String) {
    let environment = ProcessInfo.processInfo.environment
    guard let path = environment["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return }
    guard let file = fopen(path, "a") else {
      Overinterp.complain("$GITHUB_STEP_SUMMARY '\(path)' cannot be written; going on without it.")
      return
    }
    fputs(text, file)
    fclose(file)
  }
}

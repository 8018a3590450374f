import ArgumentParser
import Audit
import AuditRun

/// Renders again from what is stored.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the report of an audit again, or of one that was stopped, without inference.",
    discussion: """
      Policy, baseline and history are those of the audit unless stated.

      EXAMPLE
        overinterp report overinterp-report --html directory
      """)

  @Argument(
    help: ArgumentHelp("Output folder of an audit.", valueName: "folder"), completion: .directory)
  var folder: String

  @OptionGroup(title: "Verdict") var criteria: CriteriaOptions
  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    let folder = RunFolder(folder)
    let results = try folder.results()
    let run = try RunDescription.stored(
      folder, plan: results.plan, libraries: ComputingLibraries.versions)
    let assessment = try AuditOutput(folder: folder, writer: report.writer()).write(
      results, run: run,
      criteria: criteria.isSilent
        ? nil
        : criteria.criteria(for: folder, earlier: earlier(results, folder)))
    try finish(results, assessment, folder)
  }

  /// What the audit was held against; a stated policy needs nothing of it.
  private func earlier(_ results: AuditResults, _ folder: RunFolder) throws -> Assessment? {
    // What was concluded of fewer images of an unfinished audit is not held against it.
    criteria.policy == nil && results.evaluations != nil
      ? try Assessment.stored(folder, plan: results.plan)
      : try? Assessment.stored(folder, plan: results.plan)
  }
}

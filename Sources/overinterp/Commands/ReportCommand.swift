import ArgumentParser
import Audit
import Foundation

/// Renders again from what is stored.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the report of a finished audit again, without inference.",
    discussion: """
      Policy, baseline and history are those of the audit unless stated.

      EXAMPLE
        overinterp report overinterp-report --html directory
      """)

  @Argument(help: ArgumentHelp("Output folder of an audit.", valueName: "folder"))
  var folder: String

  @OptionGroup(title: "Verdict") var criteria: CriteriaOptions
  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    let folder = RunFolder(folder)
    let results = try folder.results()
    let stored = FileManager.default.contents(atPath: folder.file("run.json")).flatMap {
      try? JSONDecoder().decode(RunDescription.self, from: $0)
    }
    let run =
      try stored
      ?? RunDescription(
        date: ISO8601DateFormatter().string(from: Date()), workers: 0, batchSize: "unknown",
        seconds: nil, arguments: [], plan: results.plan)
    let assessment = try AuditOutput(folder: folder, writer: report.writer()).write(
      results, run: run, criteria: criteria.stated())
    try finish(results, assessment, folder)
  }
}

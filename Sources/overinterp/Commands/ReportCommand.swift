import ArgumentParser
import Audit
import AuditRun
import Foundation
import SharedWork

/// Renders again from what is stored.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the report of an audit again, or of one that was stopped, without inference.",
    discussion: """
      Policy, baseline and history are those of the audit unless stated.

      EXAMPLE
        overinterp report overinterp-report --html directory --open
        overinterp report overinterp-report --format model-card
      """)

  @Argument(
    help: ArgumentHelp("Output folder of an audit.", valueName: "folder"), completion: .directory)
  var folder: String

  @OptionGroup(title: "Verdict") var criteria: CriteriaOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var appendix: AppendixOptions

  @Option(
    help: ArgumentHelp(
      "The report, or a model card for Hugging Face of each model (model-card.md)."))
  var format = Format.report

  @Flag(help: "Open the report in the browser.")
  var open = false

  /// What to write.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case report
    case modelCard = "model-card"
  }

  func run() throws {
    let folder = RunFolder(folder)
    let results = try folder.results()
    if format == .modelCard { return try writeCards(results, folder) }
    let run = try RunDescription.stored(
      folder, plan: results.plan, libraries: ComputingLibraries.versions)
    let assessment = try AuditOutput(
      folder: folder, writer: report.writer(), appendix: appendix.appendix
    ).write(
      results, run: run,
      criteria: criteria.isSilent
        ? nil
        : criteria.criteria(for: folder, earlier: earlier(results, folder)))
    if open { openInBrowser(folder.file("report.html")) }
    try finish(results, assessment, folder)
  }

  private func writeCards(_ results: AuditResults, _ folder: RunFolder) throws {
    for card in try ModelCard.all(results) {
      let path = folder.file(card.fileName)
      try RecordFile.replace(path, with: Data(card.text.utf8))
      print(path)
    }
  }

  /// Hands the report to the desktop; a machine without one is no reason to fail.
  private func openInBrowser(_ path: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["xdg-open", path]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
      process.waitUntilExit()
      if process.terminationStatus == 0 { return }
    } catch {}
    Overinterp.warn("no browser could be opened here (xdg-open); the report is \(path).")
  }

  /// What the audit was held against; a stated policy needs nothing of it.
  private func earlier(_ results: AuditResults, _ folder: RunFolder) throws -> Assessment? {
    // What was concluded of fewer images of an unfinished audit is not held against it.
    criteria.policy == nil && results.evaluations != nil
      ? try Assessment.stored(folder, plan: results.plan)
      : try? Assessment.stored(folder, plan: results.plan)
  }
}

import ArgumentParser
import Audit
import AuditRun
import Foundation
import SharedWork

/// Concludes what shards have found.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Make the report of an audit that shards have shared.",
    discussion: """
      Every statistic is computed anew from the records, which are verified. While some are missing it says \
      which shards have to be run again, and ends with 2.

      EXAMPLE
        overinterp merge overinterp-report --policy policy.yaml
      """)

  @Argument(
    help: ArgumentHelp("Output folder that the shards share.", valueName: "folder"),
    completion: .directory)
  var folder: String

  @Flag(help: "Report on the images that are finished, and say so.")
  var partial = false

  @Flag(
    help:
      "Wait for shards that are still at work, until nothing has changed for the time of --wait.")
  var follow = false

  @Option(
    help: ArgumentHelp(
      "How long to look again for records of shards that are done, which file servers may show late; with "
        + "--follow, how long nothing may change.",
      valueName: "seconds"))
  var wait = 60

  @OptionGroup(title: "Verdict") var criteria: CriteriaOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var appendix: AppendixOptions

  func run() throws {
    let folder = RunFolder(folder)
    let writer = try report.writer()
    let criteria = try criteria.criteria(for: folder)
    let stored = try complete(folder)
    guard stored.isComplete || partial else { throw try refusal(stored) }
    let results = try stored.results { finished, planned in
      "Merged while \(planned - finished) of \(planned) images were missing (--partial)."
    }
    if stored.processors.count > 1 {
      Overinterp.warn(
        "shards ran on processors of \(stored.processors.count) kinds ("
          + stored.processors.joined(separator: ", ")
          + "): another division of the images among them may change last digits.")
    }
    let shards = ShardFolder(run: folder.path).pinned?.count ?? 1
    var run = try RunDescription(
      date: ISO8601DateFormatter().string(from: Date()), workers: 0, batchSize: "agreed",
      seconds: nil, libraries: ComputingLibraries.versions,
      arguments: Array(CommandLine.arguments.dropFirst()), plan: results.plan)
    run.processor = stored.processors.joined(separator: "; ")
    run.shards = shards
    do {
      let assessment = try AuditOutput(
        folder: folder, writer: writer, appendix: appendix.appendix
      ).write(results, run: run, criteria: criteria)
      try finish(results, assessment, folder)
    } catch AuditError.record(let path, let reason) {
      Overinterp.complain("Record '\(path)' \(reason).")
      throw try refusal(try StoredAudit(folder))
    }
  }

  /// What is there, read again while there may be more to see.
  private func complete(_ folder: RunFolder) throws -> StoredAudit {
    if follow { try awaitPlan(folder) }
    var stored = try StoredAudit(folder)
    var (changed, pause) = (Date(), 1.0)
    while !stored.isComplete, Date().timeIntervalSince(changed) < Double(wait) {
      let summary = try ShardSummary(stored)
      guard summary.isSettled || follow else { break }
      Thread.sleep(forTimeInterval: pause)
      pause = min(pause * 1.5, 30)
      let now = try StoredAudit(folder)
      if now.missing != stored.missing || summary.isAnyRunning { changed = Date() }
      stored = now
    }
    return stored
  }

  /// Waits until some shard has made a plan.
  private func awaitPlan(_ folder: RunFolder) throws {
    let began = Date()
    while RecordFile.read(AuditPlan.self, from: folder.planPath) == nil,
      Date().timeIntervalSince(began) < Double(wait)
    {
      Thread.sleep(forTimeInterval: 1)
    }
  }

  /// Says what is missing and which shards make it.
  private func refusal(_ stored: StoredAudit) throws -> ExitCode {
    let summary = try ShardSummary(stored)
    let number = summary.flags.count
    let images = "\(stored.missingImages) of \(stored.plan.sample.images.count) images are missing"
    Overinterp.complain(
      (stored.missing.isEmpty ? "Answers about random subsets are missing" : images)
        + (stored.damaged.isEmpty ? "" : " (\(stored.damaged.count) records are damaged)")
        + ", of \(number) of \(summary.rows.count) shards. Run them again: the same command with "
        + "--array=\(summary.retry) where a scheduler numbers them, or with "
        + briefly(summary.flags, joinedBy: ", ")
        + ". Then merge again; --partial reports on what is there.")
    return ExitCode(2)
  }

  /// A few of a list.
  private func briefly(_ list: [String], joinedBy separator: String) -> String {
    list.count <= 8
      ? list.joined(separator: separator)
      : list.prefix(8).joined(separator: separator) + " … (\(list.count))"
  }
}

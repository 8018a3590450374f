import ArgumentParser
import Audit
import Foundation
import SharedWork

/// Says how far the shards of an audit are.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say how far the shards of an audit are, from their files alone.",
    discussion: """
      EXAMPLE
        overinterp status overinterp-report
      """)

  @Argument(
    help: ArgumentHelp("Output folder that the shards share.", valueName: "folder"),
    completion: .directory)
  var folder: String

  func run() throws {
    let run = RunFolder(folder)
    let shards = ShardFolder(run: run.path)
    guard RecordFile.read(AuditPlan.self, from: run.planPath) != nil else {
      return try beforePlan(shards)
    }
    let stored = try StoredAudit(run)
    let summary = try ShardSummary(stored)
    for row in summary.rows {
      try StandardOutput.write(
        "shard \(row.shard)  \(row.finished) of \(row.images) images  \(words(row.standing))"
          + (row.host.map { "  (\($0))" } ?? ""))
    }
    let images = stored.plan.sample.images.count
    let done = images - stored.missingImages
    try StandardOutput.write("\(done) of \(images) images are finished.")
    if stored.isComplete {
      return try StandardOutput.write("All is done: overinterp merge \(folder)")
    }
    if let left = summary.secondsLeft {
      try StandardOutput.write("About \(duration(left)) left, by the shards that are running.")
    }
    if !summary.lost.isEmpty {
      try StandardOutput.write(
        "To be run again: --array=\(summary.lostNumbers) where a scheduler numbers them, or "
          + summary.lost.map { "--shard \($0)" }.joined(separator: ", "))
    }
  }

  /// While predictions are being made there are shards, but no plan yet.
  private func beforePlan(_ shards: ShardFolder) throws {
    guard let pinned = shards.pinned else { throw AuditError.notARunDirectory(path: folder) }
    for (index, known) in try shards.states(count: pinned.count).enumerated() {
      let shard = Shard(index: index + 1, count: pinned.count)
      try StandardOutput.write(
        "shard \(shard)  \(words(ShardSummary.standing(known, isDone: false)))"
          + (known.map { "  (\($0.state.host))" } ?? ""))
    }
    try StandardOutput.write("Images are being predicted; there is no plan yet.")
  }

  private func words(_ standing: ShardSummary.Standing) -> String {
    switch standing {
    case .done: "done"
    case .running(let fraction, let seconds):
      "running, \(Int(fraction * 100))% of its work"
        + (seconds.map { ", about \(duration($0)) left" } ?? "")
    case .silent(let seconds):
      "not heard of for \(duration(seconds)): killed, or its machine is gone"
    case .stopped: "stopped; the same command goes on"
    case .failed(let error): "failed: \(error)"
    case .notStarted: "not started: waits for its turn, if a scheduler has it"
    }
  }
}

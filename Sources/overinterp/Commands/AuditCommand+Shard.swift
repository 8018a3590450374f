import ArgumentParser
import Audit
import AuditRun
import Foundation
import SharedWork

// One shard of an audit: it searches its share and judges nothing.
extension AuditCommand {
  /// Ends with 0 once its share is done, whatever is found; 'overinterp merge' concludes.
  func run(_ sharding: AuditSharding, _ folder: RunFolder) throws {
    try refuseWhatIsOfAll()
    let progress = Progress()
    progress.say(
      "Shard \(sharding.shard), as \(sharding.source) says (--shard none audits everything here).")
    let journal = try ShardJournal(sharding.shard, in: sharding.folder)
    let termination = Termination {
      progress.say("Stopping, and keeping how far every search is …")
      try? journal.end(.stopped)
    }
    do {
      let (runner, _) = try prepared(folder, sharding, progress)
      let planned = try runner.prepare { tell($0, progress) }
      tell(planned, progress)
      try planned.search { event in
        if case .searching(let found) = event {
          journal.update(finished: found.finished, total: found.total, fraction: found.fraction)
        }
        tell(event, progress)
      }
      termination.end()
      try journal.end(.done)
      try StandardOutput.write(
        "Shard \(sharding.shard) is done: \(planned.ownImages) images. Once all are, 'overinterp merge "
          + "\(folder.path)' makes the report; 'overinterp status \(folder.path)' says how far they are."
      )
    } catch SharedWorkError.interrupted {
      try? journal.end(.stopped)
      throw SharedWorkError.interrupted
    } catch {
      try? journal.end(.failed, error: "\(error)")
      throw error
    }
  }

  /// - Throws: `AuditError.option` naming a flag that only the whole audit can follow.
  func refuseWhatIsOfAll() throws {
    let ofMerge = "is for 'overinterp merge', which makes the report of all shards"
    let refused: [(name: String, isStated: Bool, reason: String)] = [
      ("--policy", criteria.policy != nil, ofMerge),
      ("--baseline", criteria.baseline != nil, ofMerge),
      ("--history", criteria.history != nil, ofMerge),
      ("--fail-on", criteria.failing.failOn != nil, ofMerge),
      (
        "--time", resources.time != nil,
        "ends a whole audit; give shards the scheduler's time limit"
      ),
      ("--until-decided", untilDecided, "takes the results of all images; shards see their own"),
      (
        "--features", findsFeatures,
        "is not divided among shards; 'overinterp features' finds them on one machine"
      ),
      (
        "--no-resume", !resources.resume,
        "would have shards undo each other's work; remove the folder instead"
      ),
    ]
    for flag in refused where flag.isStated {
      throw AuditError.option(name: flag.name, reason: flag.reason)
    }
  }
}

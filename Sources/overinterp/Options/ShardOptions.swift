import ArgumentParser
import Audit
import AuditRun
import Foundation
import SharedWork

/// Which share of the work this process does.
struct ShardOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Do a share of the audit, beside others on the same -o: shard i of n, from 1 (default: as "
        + "OVERINTERP_SHARD, a Slurm array, an indexed Job of Kubernetes, AWS Batch or GitLab say). none: "
        + "all of it, whatever they say.", valueName: "i/n|none"))
  var shard: String?

  @Option(help: "How many shards there are, where a scheduler tells only which one this is.")
  var shards: Int?

  func validate() throws {
    if let shards, shards < 1 { throw ValidationError("--shards must be at least 1.") }
  }

  /// Nil where this process does everything.
  ///
  /// - Throws: `SharedWorkError`.
  func sharding(of folder: RunFolder) throws -> AuditSharding? {
    if shard == "none" { return nil }
    let request =
      try shard.map { try ShardRequest($0, shards: shards, source: "--shard") }
      ?? ShardRequest(environment: ProcessInfo.processInfo.environment, shards: shards)
    let shared = ShardFolder(run: folder.path)
    guard let request, request.isShared(in: shared) else { return nil }
    try folder.prepare()
    let shard = try request.shard(in: shared)
    return AuditSharding(shard, in: folder, source: request.source)
  }
}

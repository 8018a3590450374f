import Foundation

/// Where shards of one work leave what they know of each other: how many there are, what the work is,
/// and how far each is.
package struct ShardFolder: Sendable {
  package let path: String

  /// `run`: the folder that all shards share.
  package init(run: String) {
    path = run + "/shards"
  }

  private var countPath: String { path + "/count.json" }
  private var workPath: String { path + "/work.json" }

  /// How many shards there are; nil before the first.
  package var pinned: PinnedShards? { RecordFile.read(PinnedShards.self, from: countPath) }

  func pin(_ shards: PinnedShards) throws { try RecordFile.write(shards, to: countPath) }

  /// What the first one to come said.
  func pinIfFirst(_ shards: PinnedShards) throws -> PinnedShards {
    if try RecordFile.create(countPath, encoding: shards) { return shards }
    // That of another that came before, perhaps not to be seen yet.
    if case .value(let known) = try RecordFile.awaited(PinnedShards.self, from: countPath) {
      return known
    }
    try pin(shards)
    return shards
  }

  /// Makes sure that this is the work which the folder was begun with.
  ///
  /// `work`: what it consists of, by name; the same for every shard on every machine.
  ///
  /// Throws `SharedWorkError.otherWork` naming what differs.
  package func join(_ work: [String: String]) throws {
    if try RecordFile.create(workPath, encoding: work) { return }
    let contents = try RecordFile.awaited([String: String].self, from: workPath)
    guard let known = contents.value else {
      try RecordFile.write(work, to: workPath)
      return
    }
    let differing = Set(work.keys).union(known.keys).filter { work[$0] != known[$0] }.sorted()
    guard let first = differing.first else { return }
    let (now, then) = (work[first] ?? "none", known[first] ?? "none")
    throw SharedWorkError.otherWork(
      folder: String(path.dropLast("/shards".count)),
      reason:
        "\(differing.joined(separator: ", ")) \(differing.count == 1 ? "differs" : "differ"); "
        + "\(first) is \(now) here and \(then) there")
  }

  /// Digest of the work that the folder was begun with; nil before the first shard.
  package var work: String? {
    RecordFile.read([String: String].self, from: workPath)
      .flatMap { try? CanonicalJSON.encode($0, pretty: false) }.map { Digest.sha256($0) }
  }

  func statePath(_ shard: Int) -> String { path + "/\(shard).json" }

  /// What each shard left of how far it is; nil of those that never started.
  ///
  /// Silence is told by the clock of the file server alone: machines' clocks may be apart.
  package func states(count: Int) throws -> [(state: ShardState, silence: Double)?] {
    let probe = path + "/.now"
    try RecordFile.replace(probe, with: Data())
    defer { unlink(probe) }
    let now = changed(probe)
    return (1...max(count, 1)).map { shard in
      guard let state = RecordFile.read(ShardState.self, from: statePath(shard)) else { return nil }
      let then = changed(statePath(shard))
      return (state, max(0, (now ?? 0) - (then ?? now ?? 0)))
    }
  }

  /// When a file was changed, in the server's seconds.
  private func changed(_ path: String) -> Double? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
  }
}

extension RecordFile {
  /// Makes a record unless there is one; see `create(_:with:)`.
  static func create(_ path: String, encoding value: some Encodable) throws -> Bool {
    let body = try CanonicalJSON.encode(value, pretty: false)
    return try create(path, with: Data((Digest.sha256(body) + "\n").utf8) + body)
  }
}

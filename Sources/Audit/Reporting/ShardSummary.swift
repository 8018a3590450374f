import SharedWork

/// How far the shards of an audit are, from the files they leave.
package struct ShardSummary: Sendable {
  /// One shard, as anybody can see it.
  package enum Standing: Equatable, Sendable {
    /// Of all its parts there is a record.
    case done
    /// `seconds`: it has left to do, as far as it knows.
    case running(fraction: Double, seconds: Double?)
    /// Nothing was heard of it for some seconds.
    case silent(Double)
    case stopped
    case failed(String)
    case notStarted
  }

  package struct Row: Sendable {
    package let shard: Shard
    package let standing: Standing
    /// Images of which every model has finished everything, of those that are its own.
    package let finished: Int
    package let images: Int
    package let host: String?
    /// Whether it said that it is done.
    let saysDone: Bool
  }

  package let rows: [Row]
  private let pinned: PinnedShards?
  /// How a scheduler calls those that have something left to do, such as `0-3,7`.
  package let retry: String
  /// The same as flags.
  package let flags: [String]

  /// - Throws: `SharedWorkError`, and when a key cannot be encoded.
  package init(_ stored: StoredAudit) throws {
    let folder = ShardFolder(run: stored.folder.path)
    pinned = folder.pinned
    let count = pinned?.count ?? 1
    let states = try folder.states(count: count)
    let missing = Dictionary(grouping: stored.missing) { Shard.owner(of: $0, count: count) }
    let baseline = Set(stored.missingBaseline.map { Shard.owner(of: $0, count: count) })
    rows = (1...count).map { index in
      let shard = Shard(index: index, count: count)
      let images = shard.pieces(of: stored.parts.count).reduce(0) { $0 + stored.images(ofPart: $1) }
      let left = (missing[index] ?? []).reduce(0) { $0 + stored.images(ofPart: $1) }
      let isDone = left == 0 && !baseline.contains(index)
      return Row(
        shard: shard, standing: ShardSummary.standing(states[index - 1], isDone: isDone),
        finished: images - left, images: images, host: states[index - 1]?.state.host,
        saysDone: states[index - 1]?.state.phase == .done)
    }
    let open = rows.filter { $0.standing != .done }.map(\.shard)
    retry = pinned?.numbers(open.map(\.index)) ?? ranges(open.map(\.index))
    flags = open.map { "--shard \($0)" }
  }

  /// Whether every shard says that it is done: what is missing then was lost, or is not to be seen yet.
  package var isSettled: Bool { rows.allSatisfy(\.saysDone) }

  package var isAnyRunning: Bool {
    rows.contains { row in
      if case .running = row.standing { true } else { false }
    }
  }

  /// Those that were begun, and that nobody is working on though something is left.
  package var lost: [Shard] {
    rows.filter { row in
      switch row.standing {
      case .done, .running, .notStarted: false
      case .silent, .stopped, .failed: true
      }
    }.map(\.shard)
  }

  /// As a scheduler calls them.
  package var lostNumbers: String {
    pinned?.numbers(lost.map(\.index)) ?? ranges(lost.map(\.index))
  }

  /// Until the last of those that run has ended, as they know it; nil where none does.
  package var secondsLeft: Double? {
    rows.compactMap { row in
      if case .running(_, let seconds) = row.standing { seconds } else { nil }
    }.max()
  }

  /// How a shard stands, from what it said last and how long ago that was.
  package static func standing(
    _ known: (state: ShardState, silence: Double)?, isDone: Bool
  ) -> Standing {
    if isDone { return .done }
    guard let (state, silence) = known else { return .notStarted }
    switch state.phase {
    case .failed: return .failed(state.error ?? "")
    case .stopped: return .stopped
    // What it left was lost or damaged since.
    case .done: return .stopped
    case .running:
      if silence > ShardJournal.patience { return .silent(silence) }
      let left =
        state.fraction > 0.01 ? state.seconds / state.fraction * (1 - state.fraction) : nil
      return .running(fraction: state.fraction, seconds: left)
    }
  }
}

import Foundation
import Synchronization

/// How far a shard is, as it said last.
package struct ShardState: Codable, Equatable, Sendable {
  package enum Phase: String, Codable, Sendable {
    case running, done, failed
    /// Asked to stop; the same command goes on.
    case stopped
  }

  package let shard: Shard
  package let host: String
  package let process: Int32
  package var phase = Phase.running
  /// Searches that have ended, of how many; those of earlier starts do not count.
  package var finished = 0
  package var total = 0
  /// The share of this start's work that is done.
  package var fraction = 0.0
  /// Since this start, in seconds.
  package var seconds = 0.0
  /// What it failed with.
  package var error: String?
}

/// Says how far a shard is, now and then, until it ends.
package final class ShardJournal: Sendable {
  /// How often a running shard says so; four times that in silence, and it is taken for lost.
  private static let interval = 15.0
  package static let patience = 4 * interval

  private let folder: ShardFolder
  private let state: Mutex<ShardState>
  private let began = ContinuousClock.now
  private let beat = Mutex<Beat?>(nil)

  /// - Throws: `SharedWorkError` where the folder cannot be written.
  package init(_ shard: Shard, in folder: ShardFolder) throws {
    self.folder = folder
    state = Mutex(
      ShardState(
        shard: shard, host: Machine.host,
        process: ProcessInfo.processInfo.processIdentifier))
    try write()
    // A beat that cannot be written is no reason to stop; work that cannot be written is.
    beat.withLock { $0 = Beat(every: ShardJournal.interval) { [weak self] in try? self?.write() } }
  }

  package func update(finished: Int, total: Int, fraction: Double) {
    state.withLock { state in
      (state.finished, state.total, state.fraction) = (finished, total, fraction)
    }
  }

  /// Says how it ended.
  ///
  /// - Throws: `SharedWorkError`.
  package func end(_ phase: ShardState.Phase, error: String? = nil) throws {
    beat.withLock { $0?.end() }
    state.withLock { state in
      state.phase = phase
      state.error = error
    }
    try write()
  }

  private func write() throws {
    let seconds = began.duration(to: .now) / .seconds(1)
    let state = state.withLock { state in
      state.seconds = seconds
      return state
    }
    try RecordFile.write(state, to: folder.statePath(state.shard.index))
  }
}

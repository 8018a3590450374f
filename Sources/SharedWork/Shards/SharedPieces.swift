import Foundation
import Synchronization

/// Pieces of work that all shards need, each done once by whoever comes first.
///
/// A process claims a piece with a file of its own; a claim that does not change for a while, by the
/// watcher's own clock, is one of a process that was lost. Two that do the same piece write the same
/// bytes: claims save work, and nothing depends on them.
package struct SharedPieces<Piece: Codable & Sendable>: Sendable {
  /// Where they lie.
  let folder: String
  /// Digest of all that changes them.
  let key: String
  let count: Int
  /// Where to begin, so that shards meet late.
  let start: Int
  /// How long a claim may stay as it is, in seconds.
  package var patience = 60.0

  private struct Stored: Codable {
    let key: String
    let piece: Piece
  }

  package init(folder: String, key: String, count: Int, shard: Shard) {
    self.folder = folder
    self.key = key
    self.count = count
    start = count * (shard.index - 1) / shard.count
  }

  private func path(_ piece: Int) -> String {
    "\(folder)/" + String(format: "%03d/%d.json", piece / 1000, piece)
  }

  /// A piece that is done; nil for others.
  package func piece(_ index: Int) -> Piece? {
    RecordFile.read(Stored.self, from: path(index)).flatMap { $0.key == key ? $0.piece : nil }
  }

  /// Removes a piece that is found to be of no use, so that it is made again.
  package func remove(_ index: Int) { unlink(path(index)) }

  /// Does what nobody has done, waits for what others are doing, and returns all pieces.
  ///
  /// `workers`: pieces done at once here.
  ///
  /// `makeState`: called once per worker, on its thread.
  ///
  /// `waiting`: told how many pieces others are doing, whenever there is nothing left to do here.
  ///
  /// Throws what `body` throws, `SharedWorkError`.
  package func all<State>(
    workers: Int, makeState: @escaping @Sendable () throws -> State,
    waiting: @escaping @Sendable (Int) -> Void = { _ in },
    body: @escaping @Sendable (Int, inout State) throws -> Piece
  ) throws -> [Piece] {
    let desk = ClaimDesk(count: count, start: start, patience: patience) { path($0) }
    defer { desk.close() }
    _ = try concurrentMap(
      count: max(1, min(workers, count)), workers: workers, makeState: { State?.none },
      body: { _, state in
        while let index = try desk.next(isDone: { piece($0) != nil }, waiting: waiting) {
          defer { desk.release(index) }
          // Another may have done it between two looks.
          if piece(index) != nil { continue }
          if state == nil { state = try makeState() }
          guard var own = state else { return }
          let made = try body(index, &own)
          state = own
          try RecordFile.write(Stored(key: key, piece: made), to: path(index))
        }
      })
    return try (0..<count).map { index in
      guard let piece = piece(index) else {
        throw SharedWorkError.write(path: path(index), reason: "it vanished")
      }
      return piece
    }
  }
}

/// Claims of one process on pieces, and what it sees of those of others.
private final class ClaimDesk: Sendable {
  private struct Seen {
    let claim: Data?
    let since: ContinuousClock.Instant
  }

  private struct State {
    var open: [Int]
    var held: [Int: Int] = [:]
    var seen: [Int: Seen] = [:]
    var beat = 0
  }

  private let owner = UUID().uuidString
  private let patience: Double
  private let path: @Sendable (Int) -> String
  private let state: Mutex<State>
  private let timer = Mutex<Beat?>(nil)

  init(count: Int, start: Int, patience: Double, path: @escaping @Sendable (Int) -> String) {
    self.patience = patience
    self.path = { path($0) + ".claim" }
    state = Mutex(State(open: (0..<count).map { (start + $0) % max(count, 1) }))
    timer.withLock { $0 = Beat(every: patience / 6) { [weak self] in self?.beat() } }
  }

  /// The next piece that is to be done here; nil once all are done.
  ///
  /// - Throws: `SharedWorkError`, `.interrupted` among them.
  func next(isDone: (Int) -> Bool, waiting: (Int) -> Void) throws -> Int? {
    var pause: UInt32 = 50_000
    while true {
      try Interruption.check()
      let open = state.withLock { state in state.open.filter { state.held[$0] == nil } }
      let isOver = state.withLock { $0.open.isEmpty }
      if isOver { return nil }
      for index in open {
        if isDone(index) {
          state.withLock { state in state.open.removeAll { $0 == index } }
        } else if try claim(index) {
          return index
        }
      }
      let (left, others) = state.withLock { state in
        (state.open.count, state.open.count { state.held[$0] == nil })
      }
      if left == 0 { return nil }
      if others > 0 { waiting(others) }
      usleep(pause)
      pause = min(2 * pause, 1_000_000)
    }
  }

  func release(_ index: Int) {
    state.withLock { state in
      state.held[index] = nil
      state.seen[index] = nil
    }
    unlink(path(index))
  }

  func close() {
    timer.withLock { $0?.end() }
    for index in state.withLock({ Array($0.held.keys) }) { release(index) }
  }

  private func claim(_ index: Int) throws -> Bool {
    // Of this process's own workers one at a time.
    let isFree = state.withLock { state in
      guard state.held[index] == nil else { return false }
      state.held[index] = 0
      return true
    }
    guard isFree else { return false }
    if try RecordFile.create(path(index), with: Data("\(owner) 0".utf8)) { return true }
    if isLost(index) {
      unlink(path(index))
      if try RecordFile.create(path(index), with: Data("\(owner) 0".utf8)) { return true }
    }
    state.withLock { $0.held[index] = nil }
    return false
  }

  /// Whether another's claim has not changed for long.
  private func isLost(_ index: Int) -> Bool {
    let claim = FileManager.default.contents(atPath: path(index))
    return state.withLock { state in
      guard let seen = state.seen[index], seen.claim == claim else {
        state.seen[index] = Seen(claim: claim, since: .now)
        return false
      }
      return seen.since.duration(to: .now) > .seconds(patience)
    }
  }

  /// Changes the claims that are held.
  private func beat() {
    let (held, beat) = state.withLock { state in
      state.beat += 1
      return (Array(state.held.keys), state.beat)
    }
    for index in held {
      try? RecordFile.replace(path(index), with: Data("\(owner) \(beat)".utf8))
      // Released while it was written: a claim that nobody holds would make others wait.
      if state.withLock({ $0.held[index] }) == nil { unlink(path(index)) }
    }
  }
}

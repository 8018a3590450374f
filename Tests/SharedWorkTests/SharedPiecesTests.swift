import Foundation
import SharedWork
import Synchronization
import Testing

@Suite struct SharedPiecesTests {
  private func pieces(_ folder: String, shard: Int = 1, of count: Int = 1, key: String = "key")
    -> SharedPieces<Int>
  {
    SharedPieces(
      folder: "\(folder)/pieces", key: key, count: 20, shard: Shard(index: shard, count: count))
  }

  @Test func `Shards side by side do each piece once, and all get all of them`() throws {
    try withTemporaryFolder { folder in
      let done = Mutex<[Int: Int]>([:])
      let found = Mutex<[[Int]]>([])
      DispatchQueue.concurrentPerform(iterations: 3) { index in
        let all = try? pieces(folder, shard: index + 1, of: 3).all(
          workers: 2, makeState: {},
          body: { piece, _ in
            done.withLock { $0[piece, default: 0] += 1 }
            usleep(2000)
            return piece * piece
          })
        found.withLock { $0.append(all ?? []) }
      }
      #expect(found.withLock { $0 } == [[Int]](repeating: (0..<20).map { $0 * $0 }, count: 3))
      #expect(done.withLock { $0.values.allSatisfy { $0 == 1 } && $0.count == 20 })
      // Nothing is left of the claims.
      let files = FileManager.default.enumerator(atPath: "\(folder)/pieces")?.allObjects ?? []
      #expect(!files.contains { "\($0)".contains("claim") || "\($0)".hasSuffix(".tmp") })
    }
  }

  @Test func `A claim that nobody renews is taken over`() throws {
    try withTemporaryFolder { folder in
      var mine = pieces(folder)
      mine.patience = 0.3
      let path = "\(folder)/pieces/000"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data("somebody 0".utf8).write(to: URL(fileURLWithPath: "\(path)/7.json.claim"))
      let waited = Mutex(0)
      let all = try mine.all(
        workers: 1, makeState: {}, waiting: { left in waited.withLock { $0 = left } },
        body: { piece, _ in piece })
      #expect(all == Array(0..<20) && waited.withLock { $0 } == 1)
    }
  }

  @Test func `Damaged pieces, and those of other work, are made again`() throws {
    try withTemporaryFolder { folder in
      _ = try pieces(folder).all(workers: 1, makeState: {}, body: { piece, _ in piece })
      let path = "\(folder)/pieces/000/3.json"
      var bytes = try #require(FileManager.default.contents(atPath: path))
      bytes[bytes.count - 2] ^= 1
      try bytes.write(to: URL(fileURLWithPath: path))
      let made = Mutex<[Int]>([])
      let again = try pieces(folder).all(
        workers: 1, makeState: {},
        body: { piece, _ in
          made.withLock { $0.append(piece) }
          return piece
        })
      #expect(again == Array(0..<20) && made.withLock { $0 } == [3])
      let other = try pieces(folder, key: "other").all(
        workers: 1, makeState: {}, body: { piece, _ in -piece })
      #expect(other == (0..<20).map { -$0 })
    }
  }

  @Test func `An error ends it, and leaves the piece to others`() throws {
    struct Broken: Error {}
    try withTemporaryFolder { folder in
      #expect(throws: Broken.self) {
        _ = try pieces(folder).all(
          workers: 2, makeState: {},
          body: { piece, _ in
            if piece == 5 { throw Broken() }
            return piece
          })
      }
      let all = try pieces(folder).all(workers: 2, makeState: {}, body: { piece, _ in piece })
      #expect(all == Array(0..<20))
    }
  }
}

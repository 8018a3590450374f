import Foundation
import SharedWork
import Synchronization
import Testing

@Suite struct RecordFileTests {
  @Test func `What is cut short or changed in a bit is damaged, what is not there is absent`()
    throws
  {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a/b.json"
      guard case .absent = RecordFile.contents([Int].self, of: path) else {
        Issue.record("found what was never written")
        return
      }
      try RecordFile.write(Array(0..<20), to: path)
      #expect(RecordFile.contents([Int].self, of: path).value == Array(0..<20))
      #expect(RecordFile.isWhole(path))
      let whole = try #require(FileManager.default.contents(atPath: path))
      for bit in 0..<whole.count * 8 {
        var bytes = whole
        bytes[bit / 8] ^= 1 << (bit % 8)
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(RecordFile.read([Int].self, from: path) == nil && !RecordFile.isWhole(path))
      }
      for length in 0..<whole.count {
        try whole.prefix(length).write(to: URL(fileURLWithPath: path))
        guard case .damaged = RecordFile.contents([Int].self, of: path) else {
          Issue.record("\(length) bytes are not damaged")
          continue
        }
      }
    }
  }

  @Test func `Of many that make a file at once, one does`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/first"
      let winners = Mutex<[Int]>([])
      DispatchQueue.concurrentPerform(iterations: 16) { index in
        if (try? RecordFile.create(path, with: Data("\(index)".utf8))) == true {
          winners.withLock { $0.append(index) }
        }
      }
      let content = try String(contentsOfFile: path, encoding: .utf8)
      #expect(winners.withLock { $0.map(String.init) } == [content])
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left == ["first"])
    }
  }

  @Test func `A disk that is full is said, and leaves what was there`() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    #expect(throws: SharedWorkError.self) {
      try RecordFile.replace("/dev/full/x", with: Data("x".utf8))
    }
    try withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: "\(folder)/file"))
      #expect(
        throws: SharedWorkError.outputFolder(path: "\(folder)/file", reason: "it is a file")
      ) {
        try RecordFile.replace("\(folder)/file/x", with: Data())
      }
    }
  }

  @Test func `Work of another kind is not joined, and is named`() throws {
    try withTemporaryFolder { folder in
      let shared = ShardFolder(run: folder)
      try shared.join(["limit": "40", "model": "abc"])
      try shared.join(["limit": "40", "model": "abc"])
      let key = shared.work
      #expect(key != nil)
      let error = #expect(throws: SharedWorkError.self) {
        try shared.join(["limit": "100", "model": "abc"])
      }
      #expect("\(try #require(error))".contains("limit is 100 here and 40 there"))
      #expect(shared.work == key)
    }
  }
}

import Datasets
import Foundation
import Testing

/// A labels file with the given text, read.
private func read(_ text: String, name: String = "labels.txt") throws -> LabelsFile.Content {
  try Fixture.withTemporaryFolder { folder in
    let path = "\(folder)/\(name)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try LabelsFile(path).content
  }
}

private func names(_ text: String, name: String = "labels.txt") throws -> [String] {
  guard case .names(let aliases) = try read(text, name: name) else { return [] }
  return aliases.map { $0.first ?? "" }
}

@Suite struct LabelsFileTests {
  @Test func `Takes a name per line, whatever ends the lines`() throws {
    #expect(try names("cat\ndog\r\nhot dog\n") == ["cat", "dog", "hot dog"])
    #expect(try names("\u{FEFF}cat\ndog") == ["cat", "dog"])
  }

  @Test(arguments: [
    "1 dog\n0 cat\n", "0: cat\n1: dog\n", "cat 0\ndog 1\n", "id,name\n0,cat\n1,dog\n",
  ])
  func `Takes names by their indices, before or after, in any order`(_ text: String) throws {
    #expect(try names(text) == ["cat", "dog"])
  }

  @Test(arguments: [
    #"{"id2label": {"1": "dog", "0": "cat"}, "architectures": ["X"]}"#,
    #"{"0": "cat", "1": "dog"}"#, #"{"cat": 0, "dog": 1}"#, #"["cat", "dog"]"#,
    #"{"0": ["n02123045", "cat"], "1": ["n02084071", "dog"]}"#,
  ])
  func `Takes JSON of indices and names either way round`(_ text: String) throws {
    #expect(try names(text, name: "config.json") == ["cat", "dog"])
  }

  @Test func `Keeps WordNet ids and synonyms as other names of a class`() throws {
    guard case .names(let aliases) = try read("n01440764 tench, Tinca tinca\nn01443537 goldfish\n")
    else {
      Issue.record("no names")
      return
    }
    #expect(aliases[0] == ["tench, Tinca tinca", "tench", "Tinca tinca", "n01440764"])
    #expect(aliases[1] == ["goldfish", "n01443537"])
  }

  @Test func `Takes files with labels`() throws {
    guard case .files(let files) = try read("file,label\na/1.jpg,cat\n\"2.png\",dog\n") else {
      Issue.record("no files")
      return
    }
    #expect(files.map(\.name) == ["a/1.jpg", "2.png"])
    #expect(files.map(\.label) == ["cat", "dog"])
  }

  @Test func `A number that is a part of every name stays there`() throws {
    #expect(try names("class 0\nclass 1\nclass 2\n") == ["class 0", "class 1", "class 2"])
    #expect(try names("grade 1\ngrade 2\n") == ["grade 1", "grade 2"])
    #expect(try names("cat\n") == ["cat"])
  }

  @Test func `Says which line is blank, and that counting from 1 is ambiguous`() throws {
    #expect { try read("cat\n\ndog\n") } throws: { "\($0)".contains("line 2 is blank") }
    #expect { try read("1 cat\n2 dog\n") } throws: { "\($0)".contains("counted from 1") }
    #expect(throws: DatasetError.self) {
      try read("{\"architectures\": [\"X\"]}", name: "config.json")
    }
    #expect(throws: DatasetError.self) { try read("{]", name: "config.json") }
    #expect(throws: DatasetError.self) { try read("") }
  }

  @Test func `Reads or refuses damaged files of every kind`() throws {
    let texts = [
      "cat\ndog\n", "0 cat\n1 dog\n", "a.png,3\nb.png,4\n", "1\n2\n3\n",
      #"{"0": "cat", "1": "dog"}"#,
      #"{"id2label": {"0": "cat"}}"#, #"["cat", 1, null]"#,
    ]
    var random = Mutations(seed: 5)
    try Fixture.withTemporaryFolder { folder in
      for text in texts {
        for round in 0..<200 {
          let path = "\(folder)/\(round % 2 == 0 ? "labels.txt" : "labels.json")"
          try Data(random.mutated(Array(text.utf8))).write(to: URL(fileURLWithPath: path))
          do { _ = try LabelsFile(path) } catch is DatasetError {}
        }
      }
    }
  }
}

/// Seeded damage to bytes.
struct Mutations {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % max(bound, 1)
  }

  /// A few bytes flipped, cut, doubled or put in.
  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...below(4) {
      switch below(5) {
      case 0 where !bytes.isEmpty: bytes[below(bytes.count)] = UInt8(below(256))
      case 1: bytes.removeLast(min(bytes.count, below(bytes.count + 1)))
      case 2: bytes.insert(UInt8(below(256)), at: below(bytes.count + 1))
      case 3: bytes += bytes.prefix(below(bytes.count + 1))
      default: bytes.insert(contentsOf: Array("0\n,:".utf8), at: below(bytes.count + 1))
      }
    }
    return bytes
  }
}

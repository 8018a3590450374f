import Datasets
import Foundation
import Testing

private let folder = "\(Fixture.root)/arrays"

private func pickle(_ name: String) throws -> Pickle {
  try Pickle([UInt8](Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))), path: name)
}

private func message(_ body: () throws -> some Any) -> String {
  do { return "no error: \(try body())" } catch { return "\(error)" }
}

/// One byte per character.
private func bytes(_ text: String) -> [UInt8] {
  text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}

private let secondPicture: [UInt8] = {
  let data = FileManager.default.contents(atPath: "\(folder)/expected.json") ?? Data()
  return (try? JSONDecoder().decode([String: [UInt8]].self, from: data))?["cifar"] ?? []
}()

@Suite struct PickleTests {
  @Test func `Reads CIFAR as Python pickled it, by split, with names`() throws {
    let ten = try Dataset.open("\(folder)/cifar-10-batches-py")
    #expect(ten.format == "cifar-python")
    #expect(ten.labels == [7, 0, 9])
    #expect(ten.className(7) == "horse")
    #expect(try ten.image(at: 1).bytes == secondPicture)
    let train = try Dataset.open(
      "\(folder)/cifar-10-batches-py", options: DatasetOptions(split: "train"))
    #expect(train.labels == [1, 2])
    let hundred = try Dataset.open("\(folder)/cifar-100-python")
    #expect(hundred.labels == [1, 0, 1])
    #expect(hundred.classNames == ["apple", "bear"])
    #expect(try hundred.image(at: 1).bytes == secondPicture)
    let file = try Dataset.open("\(folder)/cifar-10-batches-py/test_batch")
    #expect(file.labels == [7, 0, 9] && file.className(0) == "airplane")
    #expect(throws: DatasetError.self) {
      try Dataset.open("\(folder)/cifar-10-batches-py", options: DatasetOptions(split: "val"))
    }
  }

  @Test func `Reads a torchvision root with the folder in it`() throws {
    try Fixture.withTemporaryFolder { root in
      try FileManager.default.copyItem(
        atPath: "\(folder)/cifar-10-batches-py", toPath: "\(root)/cifar-10-batches-py")
      #expect(try Dataset.open(root).labels == [7, 0, 9])
    }
  }

  @Test(arguments: 0...5)
  func `Reads every protocol`(_ number: Int) throws {
    let path = "\(folder)/protocol-\(number).pkl"
    let dataset = try Dataset.open(path, format: "cifar-python")
    #expect(dataset.labels == [1, 0, 2])
    #expect(try dataset.image(at: 1).bytes == secondPicture)
    let file = try pickle("protocol-\(number).pkl")
    let text = try #require(file.entry("text"))
    #expect(file.texts(text) == ["ä\n\\x", "🦊"])
    let numbers = try #require(file.entry("number"))
    guard case .sequence(let nodes) = file.values[numbers],
      case .number(let small) = file.values[nodes[0]],
      case .number(let large) = file.values[nodes[1]],
      case .fraction(let half) = file.values[nodes[2]]
    else {
      Issue.record("not numbers")
      return
    }
    #expect(small == -5 && large == 1 << 40 && half == 2.5)
  }

  @Test func `Reads columns first and scalars of NumPy`() throws {
    let file = try pickle("fortran.pkl")
    let data = try #require(file.entry("data").flatMap(file.array))
    let whole = try #require(
      pickle("protocol-5.pkl").entry("data").flatMap(try pickle("protocol-5.pkl").array))
    guard case .bytes(let all) = whole.elements, case .bytes(let some) = data.elements else {
      Issue.record("not bytes")
      return
    }
    #expect(data.shape == [3, 6])
    let expected = (0..<3).flatMap { row in
      stride(from: 0, to: 3072, by: 512).map { column in all[row * 3072 + column] }
    }
    #expect(some == expected)
    #expect(file.entry("labels").flatMap(file.wholeNumbers) == [4, 2])
  }

  @Test func `Refuses functions and objects by name and executes nothing`() {
    #expect(message { try pickle("refused-function.pkl") }.contains("print"))
    #expect(message { try pickle("refused-objects.pkl") }.contains("Python objects"))
    let hostile = bytes("cos\nsystem\n(S'exit 1'\ntR.")
    let said = message { try Pickle(hostile, path: "x") }
    #expect(said.contains("'os.system'") && said.contains("nothing of it was executed"))
  }

  @Test(arguments: [
    "", ".", "\u{5d}", "(", "0.", "t.", "e.", "u.", "R.", "b.", "]a.", "K", "X\u{ff}", "h\u{1}.",
    "I1x\n.", "S'a\n.", "S'\\q'\n.", "c", "V\\u12\n.", "}s.", "}(K\u{1}u.", "2.", "1.",
  ])
  func `Says that a stream is damaged`(_ text: String) {
    #expect(throws: DatasetError.self, "\(text)") {
      try Pickle(bytes(text), path: "x")
    }
  }

  @Test func `Bears lists within lists without end, and a list within itself`() throws {
    var closed = [UInt8](repeating: UInt8(ascii: "]"), count: 500_000)
    closed += [UInt8](repeating: UInt8(ascii: "a"), count: 499_999) + bytes(".")
    #expect(try Pickle(closed, path: "x").values.count == 500_000)
    #expect(try Pickle(bytes("]q\u{1}h\u{1}a."), path: "x").values.count == 1)
  }

  @Test func `Refuses to decode the same bytes again and again`() throws {
    var program = bytes("cnumpy\ndtype\nU\u{2}u1\u{85}Rq\u{1}0U\u{c8}")
    program += [UInt8](repeating: 1, count: 200)
    program += bytes("q\u{2}0")
    let decode = bytes("cnumpy.core.numeric\n_frombuffer\n(h\u{2}h\u{1}K\u{c8}\u{85}U\u{1}CtR")
    let once = try Pickle(program + decode + bytes("."), path: "x")
    #expect(once.array(once.root)?.shape == [200])
    for _ in 0..<50 { program += decode }
    #expect(throws: DatasetError.self) { try Pickle(program + bytes("."), path: "x") }
  }
}

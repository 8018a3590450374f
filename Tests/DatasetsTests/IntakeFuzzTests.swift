import Datasets
import Foundation
import Testing

/// Changes files at random, the same way each time.
private struct Mutator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  /// A few bytes changed, dropped, doubled or added, or the end cut off.
  mutating func mutate(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...next(below: 3) where !bytes.isEmpty {
      let at = next(below: bytes.count)
      switch next(below: 6) {
      case 0: bytes[at] = UInt8(next(below: 256))
      case 1: bytes[at] ^= 1 << UInt8(next(below: 8))
      case 2: bytes.remove(at: at)
      case 3: bytes.insert(UInt8(next(below: 256)), at: at)
      case 4: bytes.removeLast(bytes.count - at)
      default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 9)], at: at)
      }
    }
    return bytes
  }

  /// A text with one of its numbers or words replaced by an extreme one.
  mutating func mutate(_ original: String) -> String {
    let extremes = [
      "-1", "0", "1e308", "1e-320", "65536", "9223372036854775808", "null", "true", "[]", "{}",
      "\"x\"", "[1,2]", "{\"height\":1}",
    ]
    let values = original.matches(of: /(-?[0-9.]+|true|false|null)/)
    guard !values.isEmpty else { return original }
    var text = original
    text.replaceSubrange(
      values[next(below: values.count)].range, with: extremes[next(below: extremes.count)])
    return text
  }
}

/// Nothing here asserts more than that a file is read or refused: a crash or a hang ends the tests.
@Suite struct IntakeFuzzTests {
  private func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(Fixture.root)/\(name)")))
  }

  /// Runs `body` and fails for errors of another kind.
  private func isReadOrRefused(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      #expect(error is DatasetError, "\(error)")
    }
  }

  private func decodeAll(_ path: String, format: String? = nil) throws {
    let dataset = try Dataset.open(path, format: format)
    for index in 0..<min(dataset.count, 8) { _ = try dataset.image(at: index) }
  }

  @Test func `Preprocessing files with random changes are read or refused`() throws {
    struct Case: Decodable { let file: String }
    let cases = try JSONDecoder().decode(
      [Case].self, from: Data(try read("preprocessing/cases.json")))
    let picture = try Dataset.open("\(Fixture.root)/preprocessing/tiny.png").image(at: 0)
    var mutator = Mutator(seed: 1)
    try Fixture.withTemporaryFolder { folder in
      let path = "\(folder)/preprocessor_config.json"
      for item in cases {
        for round in 0..<8 {
          let text =
            round % 2 == 0
            ? Array(mutator.mutate(item.file).utf8) : mutator.mutate(Array(item.file.utf8))
          try Data(text).write(to: URL(fileURLWithPath: path))
          isReadOrRefused {
            let preprocessing = try Preprocessing(contentsOf: path)
            _ = preprocessing.description
            let preprocessor = try Preprocessor(preprocessing, height: 16, width: 16, channels: 3)
            let image = try preprocessor.apply(picture, name: "x")
            #expect(preprocessor.displayed(image).allSatisfy { (0...1).contains($0) })
          }
        }
      }
    }
  }

  @Test func `NumPy files with random changes are read or refused`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(Fixture.root)/arrays")
      .filter { $0.hasSuffix(".npy") }.sorted()
    var mutator = Mutator(seed: 2)
    for name in names {
      let original = try read("arrays/\(name)")
      for _ in 0..<200 {
        let bytes = mutator.mutate(original)
        isReadOrRefused {
          let array = try NPYArray(Data(bytes), path: name)
          _ = (array.wholeNumbers, array.oneHotIndices, array.strings)
        }
      }
    }
  }

  @Test func `Pickles with random changes are read or refused`() throws {
    var mutator = Mutator(seed: 3)
    for name in ["cifar-10-batches-py/batches.meta", "cifar-100-python/meta", "fortran.pkl"] {
      let original = try read("arrays/\(name)")
      for _ in 0..<2000 {
        let bytes = mutator.mutate(original)
        isReadOrRefused {
          let pickle = try Pickle(bytes, path: name)
          _ = pickle.entry("labels").flatMap(pickle.wholeNumbers)
          _ = pickle.entry("label_names").flatMap(pickle.texts)
        }
      }
    }
    // Of large files the first bytes say what the rest is.
    for number in 0...5 {
      let original = try read("arrays/protocol-\(number).pkl")
      for _ in 0..<100 {
        let bytes = mutator.mutate(Array(original.prefix(400))) + original.dropFirst(400)
        isReadOrRefused { _ = try Pickle(bytes, path: "protocol \(number)") }
      }
    }
  }

  @Test(arguments: [
    ("datasets/images.npy", "images.npy"), ("datasets/arrays.npz", "arrays.npz"),
    ("datasets/idx/train-images-idx3-ubyte", "train-images-idx3-ubyte"),
    ("datasets/idx/train-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    ("arrays/fortran.pkl", "fortran.pkl"),
  ])
  func `Datasets with random changes are read or refused`(_ name: String, _ file: String) throws {
    let original = try read(name)
    var mutator = Mutator(seed: 4)
    try Fixture.withTemporaryFolder { folder in
      if file.hasSuffix(".gz") {
        try Data(try read("datasets/idx/train-images-idx3-ubyte"))
          .write(to: URL(fileURLWithPath: "\(folder)/train-images-idx3-ubyte"))
      }
      for _ in 0..<300 {
        let bytes = mutator.mutate(original)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
        isReadOrRefused {
          try decodeAll(file.hasSuffix(".gz") ? folder : "\(folder)/\(file)")
        }
      }
    }
  }
}

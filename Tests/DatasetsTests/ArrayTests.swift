import Datasets
import Foundation
import Testing

private let folder = "\(Fixture.root)/arrays"

private func read(_ name: String) throws -> NPYArray {
  try NPYArray(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")), path: name)
}

private func message(_ body: () throws -> some Any) -> String {
  do { return "no error: \(try body())" } catch { return "\(error)" }
}

/// An NPY file with a header and bytes of one's own.
private func file(_ header: String, _ bytes: [UInt8] = [], version: UInt8 = 1) -> Data {
  let length = header.utf8.count
  return Data([0x93] + Array("NUMPY".utf8) + [version, 0, UInt8(length & 255), UInt8(length >> 8)])
    + Data(header.utf8) + Data(bytes)
}

@Suite struct ArrayTests {
  @Test func `Reads numbers of every type, byte order, axis order and version`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("numbers-") }
    #expect(names.count == 22)
    for name in names {
      let array = try read(name)
      #expect(array.shape == [2, 3], "\(name)")
      #expect(array.wholeNumbers == [0, 1, 2, 3, 100, 5], "\(name)")
    }
    #expect(try read("cube-fortran.npy").wholeNumbers == Array(0..<24))
    #expect(try read("truth.npy").wholeNumbers == [1, 0, 1])
  }

  @Test func `Reads strings of characters and of bytes`() throws {
    for name in ["words-little.npy", "words-big.npy", "words-bytes.npy"] {
      #expect(try read(name).strings == ["cat", "", "Füchse 🦊"], "\(name)")
    }
    #expect(try read("truth.npy").strings == nil)
  }

  @Test(arguments: [
    ("refused-objects.npy", "Python objects"), ("refused-records.npy", "several fields"),
    ("refused-complex.npy", "'<c8'"), ("refused-large.npy", "9223372036854775808"),
  ])
  func `Refuses what it cannot hold, by name`(_ name: String, _ text: String) {
    let said = message { try read(name) }
    #expect(said.contains(text) && said.contains(name), "\(said)")
  }

  @Test func `Is not fooled by what a header says in strings`() throws {
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2L,), }"
    #expect(try NPYArray(file(header, [4, 5]), path: "x").wholeNumbers == [4, 5])
    for wrong in [
      "{'descr': '|u1', 'fortran_order': False}", "{'descr': '|u1'", "",
      "{'descr': \"'shape': (2,)\", 'fortran_order': False, }",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'shape': (1,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999, 9999999999)}",
      "{'descr': '|S0', 'fortran_order': False, 'shape': (1000000000,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}",
      String(repeating: "[", count: 5000),
    ] {
      #expect(throws: DatasetError.self, "\(wrong)") {
        try NPYArray(file(wrong, [4, 5]), path: "x")
      }
    }
    #expect(throws: DatasetError.self) {
      try NPYArray(file(header, [4, 5], version: 9), path: "x")
    }
  }

  @Test func `Takes floats as indices only when every one is whole`() {
    func whole(_ values: [Float]) -> [Int]? {
      NPYArray(shape: [values.count], elements: .floats(values)).wholeNumbers
    }
    #expect(whole([3, 0, -1]) == [3, 0, -1])
    #expect(whole([0.5]) == nil)
    #expect(whole([.nan]) == nil)
    #expect(whole([.infinity]) == nil)
    #expect(whole([16_777_216]) == nil)
  }

  @Test func `Takes rows with exactly one 1 as indices`() {
    func indices(_ values: [Float], _ shape: [Int]) -> [Int]? {
      NPYArray(shape: shape, elements: .floats(values)).oneHotIndices
    }
    #expect(indices([0, 0, 1, 1, 0, 0], [2, 3]) == [2, 0])
    #expect(indices([0, 1, 1], [1, 3]) == nil)
    #expect(indices([0, 0, 0], [1, 3]) == nil)
    #expect(indices([0, 2, -1], [1, 3]) == nil)
    #expect(indices([1, 1], [2, 1]) == nil)
    #expect(indices([1, 0], [2]) == nil)
    #expect(indices([1, .nan], [1, 2]) == nil)
  }
}

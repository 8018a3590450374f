import Datasets
import Foundation
import Testing

/// SplitMix64: the same numbers on every machine.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}

/// A file damaged in one to four places: bits, bytes, lengths, cuts, copies.
private func damaged(_ bytes: Data, using generator: inout SeededGenerator) -> Data {
  var bytes = bytes
  for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
    // Headers are where most goes wrong, so half of all damage is done there.
    let span = Bool.random(using: &generator) ? bytes.count : min(bytes.count, 80)
    let position = Int.random(in: 0..<span, using: &generator)
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: bytes[position] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
    case 2: bytes[position] = UInt8.random(in: 0...255, using: &generator)
    case 3: bytes = bytes.prefix(position)
    case 4:
      // A length or offset that is much too large.
      for index in position..<min(position + 4, bytes.count) {
        bytes[index] = UInt8.random(in: 0xf0...0xff, using: &generator)
      }
    default:
      let end = min(bytes.count, position + Int.random(in: 1...20, using: &generator))
      bytes.insert(contentsOf: Data(bytes[position..<end]), at: position)
    }
  }
  return bytes
}

@Suite struct ImageMutationTests {
  private static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: ImageFixture.folder.path)) ?? [])
    .filter { !$0.hasSuffix(".py") && !$0.hasSuffix(".md") && !$0.hasSuffix(".json") }.sorted()

  @Test(arguments: names)
  func `Ends a damaged file with an error that names it, or with a picture`(
    _ name: String
  ) throws {
    let original = try ImageFixture.bytes(name)
    var generator = SeededGenerator(state: UInt64(original.count))
    for _ in 0..<300 {
      let bytes = damaged(original, using: &generator)
      #expect((1...8).contains(imageOrientation(bytes)))
      do {
        let image = try decodeImage(bytes, path: name, appliesOrientation: true)
        #expect(image.width > 0 && image.height > 0)
      } catch let error as DatasetError {
        #expect("\(error)".contains(name))
      }
    }
  }
}

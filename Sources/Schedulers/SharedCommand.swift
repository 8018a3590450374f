/// A command whose work is shared by several processes on one folder, and the one that concludes it.
package struct SharedCommand: Equatable, Sendable {
  /// Program and arguments of every shard, without what says which one it is.
  package let shard: [String]
  /// Program and arguments of the end.
  package let merge: [String]
  package let shards: Int
  /// The folder that all share.
  package let folder: String

  package init(shard: [String], merge: [String], shards: Int, folder: String) {
    precondition(shards > 0)
    self.shard = shard
    self.merge = merge
    self.shards = shards
    self.folder = folder
  }

  /// Words as a shell takes them for the same words.
  package static func quoted(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }

  static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "_-./:=,+@%".utf8.contains(byte)
      }
    }
    if plain, !word.isEmpty { return word }
    return "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

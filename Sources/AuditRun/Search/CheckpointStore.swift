import Audit
import Foundation
import SharedWork
import SufficientInputSubsets

/// How far the search for one image is: all that decides what it does next.
struct SearchState: Codable, Equatable, Sendable {
  var search: BackSelectSearch
  /// Of the first thresholds; see `ImageRecord.minimal`.
  var minimal: [[Int]?] = []
  var minimalCost = BackSelectCost()
  /// At the threshold that follows them.
  var minimalSearch: MinimalSubsetSearch?
}

/// Where a search keeps how far it is, beside the record that it will end in.
///
/// Its folder is named after all that changes a record; what is read is of the same image, the same
/// class and the same program.
struct CheckpointStore: Sendable {
  let path: String
  /// How often a search writes.
  let interval: Duration
  let key: Key

  struct Key: Codable, Equatable, Sendable {
    let recordVersion: Int
    let program: String
    let imageDigest: String
    let predictedClass: Int
    /// Units of the image; superpixels follow the picture.
    let units: Int
  }

  private struct File: Codable {
    let key: Key
    let state: SearchState
  }

  /// The state that was kept last; nil when there is none, or when it is damaged or of another search.
  func read() -> SearchState? {
    guard let file = RecordFile.read(File.self, from: path), file.key == key else { return nil }
    return file.state
  }

  /// - Throws: `AuditError.outputFolder` or `AuditError.write`.
  func write(_ state: SearchState) throws {
    try RecordFile.write(File(key: key, state: state), to: path)
  }

  /// Removes what is no longer needed.
  func remove() {
    unlink(path)
  }
}

import SharedWork
import Synchronization

/// The whole records behind the summaries, read when a picture asks for one.
///
/// Numbers never do. A file that is gone leaves its picture out, which the report says; one that is
/// damaged stops the report.
package final class WholeRecords: Sendable {
  private struct State {
    var known: [[Int]: ImageRecord] = [:]
    var order: [[Int]] = []
    var missing: Set<[Int]> = []
    var damaged: (model: Int, position: Int)?
  }

  /// Records kept in memory: pictures of one image are asked for close together.
  private static let mostKept = 48

  private let read: @Sendable (Int, Int) -> RecordFile.Contents<ImageRecord>
  private let state = Mutex(State())

  /// `read`: called with model and position in the sample.
  init(_ read: @escaping @Sendable (Int, Int) -> RecordFile.Contents<ImageRecord>) {
    self.read = read
  }

  /// nil where there is none that can be read.
  func record(_ model: Int, _ position: Int) -> ImageRecord? {
    let key = [model, position]
    if let known = state.withLock({ $0.known[key] }) { return known }
    let contents = read(model, position)
    return state.withLock { state in
      switch contents {
      case .value(let record):
        if state.order.count == WholeRecords.mostKept {
          state.known[state.order.removeFirst()] = nil
        }
        if state.known.updateValue(record, forKey: key) == nil { state.order.append(key) }
        return record
      case .absent: state.missing.insert(key)
      case .damaged: state.damaged = state.damaged ?? (model, position)
      }
      return nil
    }
  }

  /// How many were asked for and are gone.
  var missingCount: Int { state.withLock { $0.missing.count } }

  /// The first that was asked for and cannot be read.
  var damaged: (model: Int, position: Int)? { state.withLock { $0.damaged } }
}

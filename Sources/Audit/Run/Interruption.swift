import Synchronization

/// A request from outside to stop early: what is in hand is finished and kept.
package enum Interruption {
  private static let requested = Atomic(false)

  /// Whether the process was asked to stop.
  package static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Asks all workers to take no new work.
  package static func request() {
    requested.store(true, ordering: .relaxed)
  }
}

import Synchronization

/// A request from outside to stop early: what is in hand is finished and kept.
package enum Interruption {
  private static let requested = Atomic<Int32>(0)

  /// Whether the process was asked to stop.
  package static var isRequested: Bool { signal != 0 }

  /// The signal that asked; 0 when none did.
  package static var signal: Int32 { requested.load(ordering: .relaxed) }

  /// Asks all workers to take no new work.
  package static func request(signal: Int32) {
    requested.store(signal, ordering: .relaxed)
  }
}

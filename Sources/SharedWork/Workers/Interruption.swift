import Synchronization

/// A request from outside to stop: long work asks for it between any two passes of a network.
package enum Interruption {
  private static let requested = Atomic<Int32>(0)

  /// Whether the process was asked to stop.
  package static var isRequested: Bool { signal != 0 }

  /// The signal that asked; 0 when none did.
  package static var signal: Int32 { requested.load(ordering: .relaxed) }

  /// Asks all work to stop and to keep how far it is.
  package static func request(signal: Int32) {
    requested.store(signal, ordering: .relaxed)
  }

  /// - Throws: `SharedWorkError.interrupted` when the process was asked to stop.
  package static func check() throws {
    if isRequested { throw SharedWorkError.interrupted }
  }
}

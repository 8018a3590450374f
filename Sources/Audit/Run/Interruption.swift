import Dispatch
import Foundation
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

  /// Turns SIGTERM into a request; a second one ends the process at once.
  ///
  /// `announce`: called when the signal arrives, on another thread.
  ///
  /// Returns what must be kept alive.
  package static func onTermination(
    _ announce: @escaping @Sendable () -> Void
  ) -> any DispatchSourceSignal {
    signal(SIGTERM, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
    source.setEventHandler {
      if isRequested { Foundation.exit(128 + SIGTERM) }
      request()
      announce()
    }
    source.resume()
    return source
  }
}

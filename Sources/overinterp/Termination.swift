import Audit
import Foundation

/// Turns SIGTERM into a request to stop after the work in hand; a second one ends the process.
final class Termination {
  private let source: any DispatchSourceSignal

  /// `announce`: called when the signal arrives, on another thread.
  init(_ announce: @escaping @Sendable () -> Void) {
    signal(SIGTERM, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
    source.setEventHandler {
      // Not `exit`: workers are still running.
      if Interruption.isRequested { _exit(terminatedExitCode) }
      Interruption.request()
      announce()
    }
    source.resume()
  }

  /// From here on SIGTERM ends the process as usual.
  func end() {
    source.cancel()
    signal(SIGTERM, SIG_DFL)
  }
}

import Audit
import Foundation
import SharedWork

/// Turns SIGINT and SIGTERM into a request to stop and keep how far the work is; a second one ends the
/// process at once, and so does work that takes too long to stop.
final class Termination {
  private static let signals = [SIGINT, SIGTERM]
  /// How long work may take to stop; checkpoints then stay as they are.
  private static let patience = 1.8
  private let sources: [any DispatchSourceSignal]

  /// `announce`: called when a signal arrives, on another thread.
  init(_ announce: @escaping @Sendable () -> Void) {
    sources = Termination.signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        // Not `exit`: workers are still running.
        if Interruption.isRequested { _exit(exitCode(ofSignal: number)) }
        Interruption.request(signal: number)
        announce()
        DispatchQueue.global().asyncAfter(deadline: .now() + Termination.patience) {
          _exit(exitCode(ofSignal: number))
        }
      }
      source.resume()
      return source
    }
  }

  /// Lets the signals through where the process that started this one held them back, as threads of a
  /// pool do.
  static func unblockSignals() {
    var set = sigset_t()
    sigemptyset(&set)
    for number in signals { sigaddset(&set, number) }
    sigprocmask(SIG_UNBLOCK, &set, nil)
  }

  /// From here on the signals end the process as usual.
  func end() {
    for source in sources { source.cancel() }
    for number in Termination.signals { signal(number, SIG_DFL) }
  }
}

/// As a shell reports the end by a signal: 130 for SIGINT, 143 for SIGTERM.
func exitCode(ofSignal number: Int32) -> Int32 { 128 + number }

import Foundation
import Synchronization

/// Tells on standard error how far the work is: a line that renews itself on a terminal, one line a
/// minute elsewhere.
final class Progress: Sendable {
  private struct State {
    var lastPrinted = Date()
    var hasOpenLine = false
    var started = Date()
    var lastNoted: Date?
  }

  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let usesColor =
    isatty(STDERR_FILENO) == 1 && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
  private let state = Mutex(State())

  /// Prints a line of its own.
  func say(_ line: String) {
    state.withLock { state in
      close(&state)
      write(line + "\n")
    }
  }

  /// Says something that may be said often, once a minute.
  func note(_ line: String) {
    let isDue = state.withLock { state in
      let now = Date()
      guard now.timeIntervalSince(state.lastNoted ?? .distantPast) >= 60 else { return false }
      state.lastNoted = now
      return true
    }
    if isDue { say(line) }
  }

  /// Starts the clock that the estimate runs on.
  func start() {
    state.withLock { $0.started = Date() }
  }

  /// Tells how far the work is and how long the rest will take.
  ///
  /// `fraction`: the share of the work that is done, 0...1.
  func update(_ what: String, fraction: Double, isFinished: Bool) {
    state.withLock { state in
      let now = Date()
      let pause = isTerminal ? 0.1 : 60
      guard isFinished || now.timeIntervalSince(state.lastPrinted) >= pause else { return }
      state.lastPrinted = now
      let elapsed = now.timeIntervalSince(state.started)
      var text = what
      if isFinished {
        text += " in \(duration(elapsed))"
      } else if fraction >= Progress.leastTelling {
        text += ", about \(duration(elapsed / fraction * (1 - fraction))) left"
      }
      if isTerminal {
        write("\r\u{1B}[K" + bar(fraction) + text)
        state.hasOpenLine = true
        if isFinished { close(&state) }
      } else {
        write(text + "\n")
      }
    }
  }

  /// The share of the work from which its pace is worth extrapolating.
  private static let leastTelling = 0.01

  private func bar(_ fraction: Double) -> String {
    let width = 24
    let filled = Int(fraction * Double(width))
    let full = String(repeating: "█", count: filled)
    let rest = String(repeating: "░", count: width - filled)
    return (usesColor ? "\u{1B}[36m\(full)\u{1B}[0m" : full) + rest + " "
  }

  private func close(_ state: inout State) {
    if state.hasOpenLine { write("\n") }
    state.hasOpenLine = false
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}

/// Seconds as people say them.
func duration(_ seconds: Double) -> String {
  let whole = Int(seconds.rounded())
  return switch seconds {
  case ..<1: "a second"
  case ..<90: "\(whole) s"
  case ..<1200: "\(whole / 60) min" + (whole % 60 == 0 ? "" : " \(whole % 60) s")
  case ..<5400: "\(Int((seconds / 60).rounded())) min"
  default: String(format: "%.1f h", seconds / 3600)
  }
}

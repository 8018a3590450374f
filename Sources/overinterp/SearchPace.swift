import AuditRun
import Foundation
import Synchronization

/// How long a search takes, told from the events of an audit.
final class SearchPace: Sendable {
  private struct State {
    var began: Date?
    var seconds = 0.0
    var finished = 0
  }

  private let state = Mutex(State())

  func note(_ event: AuditRunner.Event) {
    state.withLock { state in
      switch event {
      case .searching(let progress):
        let began = state.began ?? Date()
        state.began = began
        state.finished = max(state.finished, progress.finished)
        state.seconds = Date().timeIntervalSince(began)
      default: break
      }
    }
  }

  /// On all workers together; nil where nothing was searched.
  var secondsPerSearch: Double? {
    state.withLock { $0.finished > 0 ? $0.seconds / Double($0.finished) : nil }
  }
}

import Audit
import Foundation
import SufficientInputSubsets
import Synchronization

/// How far the searches are.
package struct AuditProgress: Equatable, Sendable {
  /// Searches that have ended.
  package let finished: Int
  /// Searches of this run; records that were stored before do not count.
  package let total: Int
  /// The share of all work that is done, images in hand included.
  package let fraction: Double

  /// The same where time ends the work: the larger share of the two.
  func inTime(_ share: Double) -> AuditProgress {
    AuditProgress(finished: finished, total: total, fraction: max(fraction, share))
  }
}

/// Adds up the work of all searches; told by workers from their threads.
///
/// Work is counted as evaluations and gradients of the method's plan, weighted by the model's
/// multiply-adds: late steps of *exact* are cheaper than early ones, and large models dearer.
final class ProgressLedger: Sendable {
  private struct State {
    var shares: [Double]
    var done = 0.0
    var finished = 0
  }

  private let weights: [Double]
  private let total: Double
  private let shareByMasked: [Double]
  private let state: Mutex<State>

  /// `weights`: relative cost of each search.
  ///
  /// `shares`: the share of one search's work once so many units are masked.
  init(weights: [Int], shares: [Double]) {
    self.weights = weights.map(Double.init)
    total = max(self.weights.reduce(0, +), 1)
    shareByMasked = shares
    state = Mutex(State(shares: [Double](repeating: 0, count: weights.count)))
  }

  func masked(_ count: Int, job: Int) -> AuditProgress {
    update(job, shareByMasked[min(count, shareByMasked.count - 1)], finished: false)
  }

  func finished(job: Int) -> AuditProgress {
    update(job, 1, finished: true)
  }

  private func update(_ job: Int, _ share: Double, finished: Bool) -> AuditProgress {
    state.withLock { state in
      state.done += (share - state.shares[job]) * weights[job]
      state.shares[job] = share
      if finished { state.finished += 1 }
      return AuditProgress(
        finished: state.finished, total: weights.count, fraction: min(1, state.done / total))
    }
  }
}

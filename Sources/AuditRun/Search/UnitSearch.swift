import Audit
import Foundation
import SharedWork
import SufficientInputSubsets

/// What a search over the units of one image found.
package struct FoundSubsets: Sendable {
  /// Over units, as the procedures know it.
  let unitRun: BackSelectRun
  /// The same over pixels.
  let run: BackSelectRun
  /// Per threshold; see `ImageRecord.minimal`.
  let minimal: [[Int]?]?
}

/// BackSelect over the units of one image, told in pixels.
struct UnitSearch<Decision: Classifier> {
  let units: PixelUnits
  /// The decision over units.
  let decision: Decision
  let settings: AuditSettings
  /// Where a long search keeps how far it is; nil to keep nothing.
  var checkpoints: CheckpointStore?

  /// Searches, from where an earlier run was stopped when there is a checkpoint of it.
  ///
  /// `progress`: told the number of units masked so far.
  ///
  /// Throws what the decision throws; where that is `SharedWorkError.interrupted`, a checkpoint is left.
  func run(progress: (Int) -> Void) throws -> FoundSubsets {
    var decision = decision
    var state = checkpoints?.read() ?? start
    progress(state.search.maskedCount)
    do {
      let unitRun = try search(&state, &decision, progress)
      var run = unitRun
      if settings.findsMinimal { run.cost += state.minimalCost }
      return FoundSubsets(
        unitRun: unitRun, run: units.expanded(run),
        minimal: settings.findsMinimal ? state.minimal : nil)
    } catch SharedWorkError.interrupted {
      try checkpoints?.write(state)
      throw SharedWorkError.interrupted
    }
  }

  private var start: SearchState {
    SearchState(
      search: settings.backSelect.search(
        from: .all(of: units.count), thresholds: settings.thresholds))
  }

  /// Does what is left, and keeps how far it is every now and then.
  private func search(
    _ state: inout SearchState, _ decision: inout Decision, _ progress: (Int) -> Void
  ) throws -> BackSelectRun {
    var kept = ContinuousClock.now
    func keep(_ state: SearchState) throws {
      guard let checkpoints, kept.duration(to: .now) >= checkpoints.interval else { return }
      try checkpoints.write(state)
      kept = .now
    }
    while state.search.result == nil {
      let before = state.search.maskedCount
      try state.search.step(on: &decision)
      if state.search.maskedCount > before { progress(state.search.maskedCount) }
      try keep(state)
    }
    guard let found = state.search.result else { preconditionFailure("the search has ended") }
    let run = units.comparedInPixels(found)
    guard settings.findsMinimal else { return run }
    for threshold in settings.thresholds.dropFirst(state.minimal.count) {
      if let subset = run.sufficientInputSubset(threshold: threshold) {
        var search =
          state.minimalSearch
          ?? MinimalSubsetSearch(of: subset, threshold: threshold, pixelCount: units.count)
        while search.result == nil {
          try search.step(on: &decision)
          state.minimalSearch = search
          try keep(state)
        }
        state.minimal.append(search.result.map(units.inSearchOrder))
        state.minimalCost += search.cost
        state.minimalSearch = nil
      } else {
        state.minimal.append(nil)
      }
    }
    return run
  }
}

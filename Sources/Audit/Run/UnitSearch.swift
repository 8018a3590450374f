import SufficientInputSubsets

/// BackSelect over the units of one image, told in pixels.
struct UnitSearch<Decision: Classifier> {
  let units: PixelUnits
  /// The decision over units.
  let decision: Decision

  struct Found {
    /// Over units, as the procedures know it.
    let unitRun: BackSelectRun
    /// The same over pixels.
    let run: BackSelectRun
    /// Per threshold; see `ImageRecord.minimal`.
    let minimal: [[Int]?]?
  }

  /// `progress`: told the number of units masked so far.
  func run(_ settings: AuditSettings, progress: (Int) -> Void) throws -> Found {
    var decision = decision
    var run = try settings.backSelect.run(
      from: .all(of: units.count), on: &decision, thresholds: settings.thresholds,
      progress: progress)
    var minimal: [[Int]?]?
    if settings.findsMinimal {
      var cost = run.cost
      minimal = try settings.thresholds.map { threshold in
        try run.sufficientInputSubset(threshold: threshold).map { subset in
          units.inSearchOrder(
            try minimalSubset(of: subset, threshold: threshold, on: &decision, cost: &cost))
        }
      }
      run.cost = cost
    }
    return Found(unitRun: run, run: units.expanded(run), minimal: minimal)
  }
}

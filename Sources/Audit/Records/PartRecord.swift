import SharedWork

/// What the images of one part of an audit come to: all that measurements need of their records, and
/// what models say of their subsets.
///
/// Written once every model has a record of every image of the part. Its key names all that changes it,
/// so that one of another audit, of other data or of another version is never taken for it.
package struct PartRecord: Codable, Equatable, Sendable {
  /// Raised when the meaning of a field changes; others are made again.
  static let currentVersion = 1

  package let key: String
  /// What computed it; records of different ones may differ in their last bits.
  package let processor: String
  /// `[model]`.
  let summaries: [SummaryColumns]
  /// `[model][stratum]`.
  let totals: [[StratumTotals]]
  let evaluations: SubsetEvaluations

  /// `records`: `[model][image of the part]`.
  ///
  /// Throws when the key cannot be encoded.
  package init(
    _ part: PlannedParts.Part, records: [[ImageRecord]], evaluations: SubsetEvaluations,
    plan: AuditPlan
  ) throws {
    key = part.key
    processor = Machine.processor
    summaries = records.map { SummaryColumns($0, plan: plan) }
    totals = records.map { StratumTotals.all($0, strata: part.strata, plan) }
    self.evaluations = evaluations
  }

  /// Whether it is of a part of a plan, and has all that such a part has.
  package func belongs(to part: PlannedParts.Part, of plan: AuditPlan) -> Bool {
    let (count, models) = (part.images.count, plan.models.count)
    let settings = plan.settings
    return key == part.key && summaries.count == models && totals.count == models
      && summaries.allSatisfy {
        $0.thresholds == settings.thresholds && $0.isWhole(count: count)
          && $0.minimal.values.isEmpty != settings.findsMinimal
      }
      && totals.allSatisfy { strata in
        strata.count == plan.sample.strata.count
          && strata.allSatisfy {
            $0.locations.counts.count == plan.pixelCount
              && $0.curve.values.count == StratumTotals.resolution + 1
          }
      }
      && evaluations.isWhole(
        count: count, models: models, thresholds: settings.thresholds.count,
        draws: settings.randomDraws)
  }
}

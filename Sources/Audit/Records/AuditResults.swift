import Statistics
import Synchronization

/// What an audit stored: the input of every measurement.
///
/// Reading it needs no model and no dataset.
package struct AuditResults: Sendable {
  package let plan: AuditPlan
  /// `[model]`, by position in the sample.
  package let records: [RecordSummaries]
  /// `[model][stratum]`.
  package let totals: [[StratumTotals]]
  /// nil when subsets were not compared.
  package let evaluations: SubsetEvaluations?
  /// nil when the audit ended before it was asked for.
  package let baseline: RandomBaseline?
  /// Of every image of the dataset, audited or not.
  package let predictions: Predictions?
  /// `[model]`; nil where they were not looked for.
  package let features: [FeatureResults?]
  /// The whole records, for pictures.
  package let wholeRecords: WholeRecords
  private let measured = MeasuredOutcomes()

  package init(
    plan: AuditPlan, records: [RecordSummaries], totals: [[StratumTotals]],
    evaluations: SubsetEvaluations?, baseline: RandomBaseline?, predictions: Predictions?,
    features: [FeatureResults?] = [], wholeRecords: WholeRecords
  ) {
    self.plan = plan
    self.records = records
    self.totals = totals
    self.evaluations = evaluations
    self.baseline = baseline
    self.predictions = predictions
    self.features = features
    self.wholeRecords = wholeRecords
  }

  /// Of records that lie in memory.
  ///
  /// `records`: `[model][position in the sample]`.
  package init(
    plan: AuditPlan, records: [[ImageRecord]], evaluations: SubsetEvaluations?,
    baseline: RandomBaseline? = nil, predictions: Predictions? = nil
  ) {
    let images = AuditedImages(
      images: plan.sample.images, identifiers: (records.first ?? []).map(\.identifier),
      labels: (records.first ?? []).map { UInt32($0.label) })
    self.init(
      plan: plan,
      records: records.map { RecordSummaries(SummaryColumns($0, plan: plan), images) },
      totals: records.map { StratumTotals.all($0, strata: plan.sample.strataOfImages, plan) },
      evaluations: evaluations, baseline: baseline, predictions: predictions,
      wholeRecords: WholeRecords { model, position in .value(records[model][position]) })
  }

  /// The same with the features that models rest on.
  package func with(features: [FeatureResults?]) -> AuditResults {
    AuditResults(
      plan: plan, records: records, totals: totals, evaluations: evaluations, baseline: baseline,
      predictions: predictions, features: features, wholeRecords: wholeRecords)
  }

  /// Of one model; nil where they were not looked for.
  func foundFeatures(_ model: Int) -> FeatureResults? {
    features.indices.contains(model) ? features[model] : nil
  }

  /// What a measurement found; measured once, however often it is asked for.
  func outcome<M: Measurement>(of measurement: M.Type) -> Outcome<M.Value> {
    measured.outcome(M.key) { withIntervalLevel { M.measure(self) } }
  }

  /// Computes, or writes about, intervals of the audit's level.
  func withIntervalLevel<Value>(_ body: () throws -> Value) rethrows -> Value {
    try IntervalLevel.$current.withValue(plan.intervalLevel) { try body() }
  }

  /// The value of a measurement; nil when it did not run.
  package func value<M: Measurement>(of measurement: M.Type) -> M.Value? {
    outcome(of: measurement).value
  }

  /// Why a measurement that needs what models say of subsets did not run.
  static let notCompared = "subsets were not compared"

  /// Why the random baseline did not run.
  static let noBaseline =
    "the audit was stopped before models were asked about random subsets; the same command continues it"

  /// The whole record of one model and image; nil where its file is gone.
  package func record(_ model: Int, _ position: Int) -> ImageRecord? {
    wholeRecords.record(model, position)
  }

  /// What a model says of its own q% subset of the image at `position`; nil when the audit ended before
  /// it was asked.
  func subsetAnswer(_ model: Int, _ position: Int) -> SubsetEvaluations.Answer? {
    evaluations?.transferred[model][model][position]
  }

  package var models: [PlannedModel] { plan.models }
  /// Whether there are so many models that each gets a page of its own in the report.
  var hasModelPages: Bool { models.count > 4 }
  package var thresholds: [Double] { plan.settings.thresholds }

  /// What a model says of the fully masked image, when it is confident about it.
  ///
  /// Confident means the lowest threshold at least. Images predicted as that class need no pixel.
  func confidentBlank(_ model: Int) -> MaskCandidate? {
    let mask = models[model].mask
    return mask.confidence >= (thresholds.first ?? 1) ? mask : nil
  }

  /// A pixel count as a fraction of the image.
  package func fraction(_ pixels: Int) -> Double { Double(pixels) / Double(plan.pixelCount) }

  /// What each audited image stands for.
  func unit(_ position: Int) -> SampleUnit {
    let stratum = plan.sample.strataOfImages[position]
    let design = plan.sample.strata[stratum]
    return SampleUnit(
      stratum: stratum, sampled: design.sampled, population: design.population)
  }

  /// Strata in which every model is right, or the only one is wrong.
  var strataOfKnownCorrectness: Set<Int> {
    guard plan.sample.strata.count > 1 else { return [] }
    return models.count == 1 ? [0, 1] : [1]
  }

  /// The mean of `value`, a share in 0...1, over the audited images where it is defined, weighted by
  /// the design.
  func mean(_ model: Int, _ value: (ImageSummary) -> Double?) -> MeanEstimate? {
    MeanEstimate(
      shares: records[model].enumerated().compactMap { position, record in
        value(record).map { ($0, unit(position)) }
      })
  }

  /// The share of its random subsets on which a model is right, of an audited image; nil without
  /// draws.
  func randomAccuracy(_ model: Int, position: Int) -> Double? {
    let draws = evaluations?.randomRight[model] ?? []
    guard !draws.isEmpty else { return nil }
    return Double(draws.reduce(0) { $0 + Int($1.values[position]) }) / Double(draws.count)
  }
}

/// Measurements already made; verdict, captions and sections ask for the same ones.
private final class MeasuredOutcomes: Sendable {
  private let outcomes = Mutex<[String: any Sendable]>([:])

  func outcome<Value>(_ key: String, _ measure: () -> Outcome<Value>) -> Outcome<Value> {
    // Measured outside the lock: one measurement may ask for another.
    if let known = outcomes.withLock({ $0[key] }) as? Outcome<Value> { return known }
    let outcome = measure()
    outcomes.withLock { $0[key] = outcome }
    return outcome
  }
}

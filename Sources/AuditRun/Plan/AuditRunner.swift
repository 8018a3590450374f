import Audit
import Datasets
import Foundation
import Inference
import SharedWork
import Statistics

/// What an audit runs, on what, and how: it makes the plan, and with it the audit.
package struct AuditRunner: Sendable {
  /// What an observer is told while the audit runs.
  package enum Event: Sendable {
    case predicting(images: Int, models: Int)
    case searching(AuditProgress)
    case showingRandomSubsets
    /// Other shards are doing what this one needs.
    case waiting(String)
    /// What a look at the first images left open, by name; see `SequentialLooks`.
    case looked(images: Int, undecided: [String])
  }

  package let models: [AuditedModel]
  package let dataset: Dataset
  package let settings: AuditSettings
  package let folder: RunFolder
  /// The share of the audit that this process does; nil for all of it.
  package var sharding: AuditSharding?
  /// Threads that images are spread over; results do not depend on it.
  package var workers = 1
  /// Images per pass; nil chooses by memory.
  package var batchSize: Int?
  /// Those that the first shard chose, by model.
  var agreedBatchSizes: [Int]?
  /// Bytes that activations may take when the batch size is automatic; nil for a quarter of RAM.
  package var memoryLimit: Int?
  /// Stops before BackSelect when a model's accuracy is below.
  package var expectedAccuracy: Double?
  /// Whether a model that is no better than chance is audited.
  package var acceptsAnyAccuracy = false
  /// Whether records and checkpoints of an earlier run of the same audit are used.
  package var resumes = true
  /// Seconds after which a search keeps how far it is, and does so again.
  package var checkpointInterval = 60.0
  /// When the audit is to be over; nil for when every image has been searched.
  package var timeLimit: TimeLimit?
  /// Holds what is known so far against a policy; the audit ends once every check is decided.
  ///
  /// Nil for when every image has been searched.
  package var judge: (@Sendable (AuditResults) throws -> Gate)?
  /// Called before every pass of a network in a search; `SharedWorkError.interrupted` leaves checkpoints.
  package var willRun: @Sendable () throws -> Void = Interruption.check

  package init(
    models: [AuditedModel], dataset: Dataset, settings: AuditSettings, folder: RunFolder
  ) {
    self.models = models
    self.dataset = dataset
    self.settings = settings
    self.folder = folder
  }

  /// Predicts every image and makes the plan; nothing expensive is started, and no record written.
  ///
  /// `observe`: called from any worker's thread.
  ///
  /// Throws `AuditError`, `AuditRunError`, `SharedWorkError`, `DatasetError` or `InferenceError`.
  package func prepare(observe: @escaping @Sendable (Event) -> Void) throws -> PlannedAudit {
    try check()
    try checkGradients()
    try folder.prepare()
    if let sharding { return try prepare(sharding, observe) }
    let (plan, predictions, secondsPerPass) = try makePlan(observe)
    return try PlannedAudit(
      runner: self, plan: plan, predictions: predictions, secondsPerPass: secondsPerPass)
  }

  /// The plan is made by one shard, from predictions that all have made.
  private func prepare(
    _ sharding: AuditSharding, _ observe: @escaping @Sendable (Event) -> Void
  ) throws -> PlannedAudit {
    try sharding.folder.join(work())
    var runner = self
    runner.agreedBatchSizes = try agreedBatchSizes(sharding)
    // What is damaged is made again, once.
    guard
      let plan = try runner.sharedPlan(sharding, observe) ?? runner.sharedPlan(sharding, observe)
    else {
      throw AuditError.record(path: folder.planPath, reason: "is damaged or of another audit")
    }
    return try PlannedAudit(runner: runner, plan: plan, predictions: nil, secondsPerPass: 0)
  }

  /// The plan, made by whoever comes first; nil where it or the predictions are damaged, which are then
  /// to be made again.
  private func sharedPlan(
    _ sharding: AuditSharding, _ observe: @escaping @Sendable (Event) -> Void
  ) throws -> AuditPlan? {
    let pieces = sharding.pieces(String.self, of: "plan", count: 1)
    let made = try pieces.all(
      workers: 1, makeState: {}, waiting: { _ in observe(.waiting("the plan of another shard")) },
      body: { _, _ in
        let (plan, predictions, _) = try makePlan(observe)
        let digest = try plan.storedDigest
        try RecordFile.write(
          predictions.stored(self, planDigest: digest), to: folder.predictionsPath)
        try RecordFile.write(plan, to: folder.planPath)
        return digest
      })[0]
    let plan = try RecordFile.awaited(AuditPlan.self, from: folder.planPath).value
    if let plan, try plan.storedDigest == made, RecordFile.isWhole(folder.predictionsPath) {
      return plan
    }
    pieces.remove(0)
    return nil
  }

  private func makePlan(
    _ observe: @escaping @Sendable (Event) -> Void
  ) throws -> (AuditPlan, DatasetPredictions, secondsPerPass: Double) {
    observe(.predicting(images: dataset.count, models: models.count))
    let begun = ContinuousClock.now
    let predictions = try predictAll(observe: observe)
    let seconds = begun.duration(to: .now) / .seconds(1) / Double(dataset.count * models.count)
    try checkPlausibility(predictions)
    return (try plan(predictions, secondsPerPass: seconds), predictions, seconds)
  }

  private func check() throws {
    try settings.validate()
    guard dataset.labels != nil else { throw AuditRunError.noLabels(path: dataset.path) }
    let classes = models.map(\.network.classCount)
    guard Set(classes).count == 1 else {
      throw AuditRunError.classCounts(zip(models, classes).map { "\($0.name) has \($1)" })
    }
    let sizes = models.map { "\($0.network.input.height)×\($0.network.input.width)" }
    guard Set(sizes).count == 1 else {
      throw AuditRunError.inputSizes(zip(models, sizes).map { "\($0.name) takes \($1)" })
    }
    let input = models[0].network.input
    try settings.unit.check(rows: input.height, columns: input.width)
    // Files and pages are named after models.
    let names = Dictionary(grouping: models.map(\.name), by: { fileName($0).lowercased() })
    if let repeated = names.values.first(where: { $0.count > 1 }) {
      throw AuditRunError.duplicateModels(names: repeated)
    }
    try dataset.checkLabels(classes: classes[0])
  }

  /// Finds out before any image is predicted whether every model has the gradient that the method
  /// needs.
  private func checkGradients() throws {
    guard settings.backSelect.needsGradient else { return }
    for model in models.indices { _ = try sessions(model) }
  }

  /// - Throws: `AuditRunError.chance` or `.classOrders` when a model was probably read wrong.
  private func checkPlausibility(_ predictions: DatasetPredictions) throws {
    guard !acceptsAnyAccuracy else { return }
    for (model, found) in zip(models, predictions.models) {
      if let doubt = Plausibility.doubt(
        model: model.name, predicted: found.predicted.map { Int($0) }, dataset: dataset,
        classes: model.network.classCount)
      {
        throw doubt
      }
    }
  }

  /// What a search asks: always the same kind of session, whatever was asked before.
  func sessions(
    _ model: Int, threads: @escaping @Sendable () -> Int = { 1 }
  ) throws -> SearchSessions {
    try SearchSessions(
      models[model].network, batchSize: batchSize(model),
      gradient: settings.backSelect.needsGradient, willRun: willRun, threads: threads)
  }

  func batchSize(_ model: Int) -> Int {
    agreedBatchSizes?[model] ?? batchSize
      ?? AuditedModel.automaticBatchSize(models[model].network, memoryLimit: memoryLimit)
  }
}

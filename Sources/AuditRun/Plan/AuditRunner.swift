import Audit
import Datasets
import Foundation
import Inference
import Statistics

/// What an audit runs, on what, and how: it makes the plan, and with it the audit.
package struct AuditRunner: Sendable {
  /// What an observer is told while the audit runs.
  package enum Event: Sendable {
    case predicting(images: Int, models: Int)
    case searching(AuditProgress)
    case comparingSubsets
    /// What a look at the first images left open, by name; see `SequentialLooks`.
    case looked(images: Int, undecided: [String])
  }

  package let models: [AuditedModel]
  package let dataset: Dataset
  package let settings: AuditSettings
  package let folder: RunFolder
  /// Threads that images are spread over; results do not depend on it.
  package var workers = 1
  /// Images per pass; nil chooses by memory.
  package var batchSize: Int?
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
  /// Called before every pass of a network in a search; `AuditError.interrupted` leaves checkpoints.
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
  /// Throws `AuditError`, `AuditRunError`, `DatasetError` or `InferenceError`.
  package func prepare(observe: @escaping @Sendable (Event) -> Void) throws -> PlannedAudit {
    try check()
    try checkGradients()
    try folder.prepare()
    observe(.predicting(images: dataset.count, models: models.count))
    let begun = ContinuousClock.now
    let (outputs, pictures) = try predictAll()
    let secondsPerPass =
      begun.duration(to: .now) / .seconds(1) / Double(dataset.count * models.count)
    try checkPlausibility(outputs)
    var plan = try plan(outputs)
    if judge != nil { plan.looks = SequentialLooks(images: plan.sample.images.count).sizes.count }
    if let timeLimit {
      plan.mostRandomImages = timeLimit.mostRandomImages(
        passes: settings.randomDraws * models.count, secondsPerPass: secondsPerPass)
    }
    return PlannedAudit(
      runner: self, plan: plan, outputs: outputs, pictures: pictures,
      secondsPerPass: secondsPerPass,
      stored: models.indices.map { model in
        plan.sample.images.map { storedRecord(plan, model: model, image: $0) }
      })
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
  private func checkPlausibility(_ outputs: [[Float]]) throws {
    guard !acceptsAnyAccuracy else { return }
    for (model, outputs) in zip(models, outputs) {
      let predicted = (0..<dataset.count).map { ClassScore.predictedClass(row(outputs, $0)) }
      if let doubt = Plausibility.doubt(
        model: model.name, predicted: predicted, dataset: dataset,
        classes: model.network.classCount)
      {
        throw doubt
      }
    }
  }

  private func storedRecord(_ plan: AuditPlan, model: Int, image: Int) -> ImageRecord? {
    guard resumes else { return nil }
    let path = folder.recordPath(plan.models[model], image: image)
    guard let record = RecordFile.read(ImageRecord.self, from: path),
      record.version == ImageRecord.currentVersion,
      record.label == dataset.labels?[image],
      let current = try? models[model].image(image, of: dataset),
      record.imageDigest == Digest.sha256(current)
    else { return nil }
    return record
  }

  /// What a search asks: always the same kind of session, whatever was asked before.
  func sessions(
    _ model: Int, threads: @escaping @Sendable () -> Int = { 1 }
  ) throws -> SearchSessions {
    try SearchSessions(
      models[model].network, batchSize: batchSize(models[model]),
      gradient: settings.backSelect.needsGradient, willRun: willRun, threads: threads)
  }

  func batchSize(_ model: AuditedModel) -> Int {
    batchSize ?? AuditedModel.automaticBatchSize(model.network, memoryLimit: memoryLimit)
  }

  /// One image's outputs among those of a model.
  func row(_ outputs: [Float], _ image: Int) -> ArraySlice<Float> {
    let classes = models[0].network.classCount
    return outputs[image * classes..<(image + 1) * classes]
  }
}

import Datasets
import Foundation
import Inference
import SufficientInputSubsets
import Synchronization

/// Runs the expensive part of an audit and stores what it finds.
package struct AuditRunner: Sendable {
  /// What an observer is told while the audit runs.
  package enum Event: Sendable {
    case predicting(images: Int, models: Int)
    /// The plan is made: accuracy is known, nothing expensive has started; images to search, per
    /// model.
    case planned(AuditPlan, remaining: [Int], stored: Int)
    case searching(AuditProgress)
    case comparingSubsets
  }

  package let models: [AuditedModel]
  package let dataset: Dataset
  package let settings: AuditSettings
  package let folder: RunFolder
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

  /// Audits, continuing from stored records.
  ///
  /// `observe`: called from any worker's thread.
  ///
  /// Throws `AuditError`, `DatasetError` or `InferenceError`; finished records stay.
  package func run(observe: @escaping @Sendable (Event) -> Void) throws -> AuditResults {
    try check()
    try checkGradients()
    try folder.prepare()
    observe(.predicting(images: dataset.count, models: models.count))
    let (outputs, pictures) = try predictAll()
    try checkPlausibility(outputs)
    let plan = try plan(outputs)

    let stored = models.indices.map { model in
      plan.sample.images.map { storedRecord(plan, model: model, image: $0) }
    }
    observe(
      .planned(
        plan, remaining: stored.map { $0.count { $0 == nil } },
        stored: stored.joined().count { $0 != nil }))
    try checkAccuracy(plan)
    if RecordFile.read(AuditPlan.self, from: folder.planPath) != plan { folder.removeConclusions() }
    try RecordFile.write(plan, to: folder.planPath)
    let digest = try plan.storedDigest
    let predictions = predictions(outputs, pictures, planDigest: digest)
    try RecordFile.write(predictions, to: folder.predictionsPath)
    let records = try findRecords(plan, outputs, stored, observe: observe)
    observe(.comparingSubsets)
    let evaluations = try evaluateSubsets(plan, records, planDigest: digest)
    try RecordFile.write(evaluations, to: folder.evaluationsPath)
    return AuditResults(
      plan: plan, records: records, evaluations: evaluations, predictions: predictions)
  }

  private func check() throws {
    try settings.validate()
    guard dataset.labels != nil else { throw AuditError.noLabels(path: dataset.path) }
    let classes = models.map(\.network.classCount)
    guard Set(classes).count == 1 else {
      throw AuditError.classCounts(zip(models, classes).map { "\($0.name) has \($1)" })
    }
    let sizes = models.map { "\($0.network.input.height)×\($0.network.input.width)" }
    guard Set(sizes).count == 1 else {
      throw AuditError.inputSizes(zip(models, sizes).map { "\($0.name) takes \($1)" })
    }
    let input = models[0].network.input
    try settings.unit.check(rows: input.height, columns: input.width)
    // Files and pages are named after models.
    let names = Dictionary(grouping: models.map(\.name), by: { fileName($0).lowercased() })
    if let repeated = names.values.first(where: { $0.count > 1 }) {
      throw AuditError.duplicateModels(names: repeated)
    }
    try dataset.checkLabels(classes: classes[0])
  }

  /// Finds out before any image is predicted whether every model has the gradient that the method
  /// needs.
  private func checkGradients() throws {
    guard settings.backSelect.needsGradient else { return }
    for model in models.indices { try predictor(model).prepareReference() }
  }

  /// What a search asks: always the same kind of session, whatever was asked before.
  func predictor(_ model: Int) -> Predictor {
    models[model].predictor(
      batchSize: batchSize(models[model]), gradient: settings.backSelect.needsGradient,
      willRun: willRun)
  }

  private func checkAccuracy(_ plan: AuditPlan) throws {
    guard let expectedAccuracy else { return }
    for model in plan.models {
      let found = Double(model.correct) / Double(plan.data.images)
      guard found >= expectedAccuracy else {
        throw AuditError.accuracy(model: model.name, found: found, expected: expectedAccuracy)
      }
    }
  }

  /// - Throws: `AuditError.chance` or `AuditError.classOrders` when a model was probably read wrong.
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

  func batchSize(_ model: AuditedModel) -> Int {
    batchSize ?? AuditedModel.automaticBatchSize(model.network, memoryLimit: memoryLimit)
  }
}

// MARK: - BackSelect

extension AuditRunner {
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

  /// Runs BackSelect where no record is stored; one record per model and image.
  private func findRecords(
    _ plan: AuditPlan, _ outputs: [[Float]], _ stored: [[ImageRecord?]],
    observe: @escaping @Sendable (Event) -> Void
  ) throws -> [[ImageRecord]] {
    let images = plan.sample.images
    // Image by image, so that an interrupted run has all models of the images it has.
    let jobs = images.indices.flatMap { position in
      models.indices.filter { stored[$0][position] == nil }.map { (model: $0, position: position) }
    }
    let load = WorkerLoad(workers: workers)
    let ledger = ProgressLedger(
      weights: jobs.map { plan.models[$0.model].multiplyAdds },
      shares: settings.backSelect.plannedShares(
        units: settings.unit.count(rows: plan.height, columns: plan.width),
        thresholds: settings.thresholds.count))
    let found = try concurrentMap(
      count: jobs.count, workers: workers, load: load,
      makeState: { WorkerPredictors(self, load) },
      body: { index, predictors in
        let (model, position) = jobs[index]
        let record = try self.record(
          plan, model: model, image: images[position],
          logits: Array(row(outputs[model], images[position])), predictors.predictor(model)
        ) { observe(.searching(ledger.masked($0, job: index))) }
        observe(.searching(ledger.finished(job: index)))
        return record
      })
    var records = stored
    for (job, record) in zip(jobs, found) { records[job.model][job.position] = record }
    return records.map { $0.compactMap { $0 } }
  }

  /// Finds and stores one record.
  ///
  /// `masked`: told the number of units masked so far.
  private func record(
    _ plan: AuditPlan, model: Int, image index: Int, logits: [Float], _ predictor: Predictor,
    masked: (Int) -> Void
  ) throws -> ImageRecord {
    let audited = models[model]
    let image = try audited.image(index, of: dataset)
    let display = audited.display(image)
    let predicted = ClassScore.predictedClass(logits)
    let units = settings.unit.units(rows: plan.height, columns: plan.width, display: display)
    let digest = Digest.sha256(image)
    let checkpoints = CheckpointStore(
      path: folder.checkpointPath(plan.models[model], image: index),
      interval: .seconds(checkpointInterval),
      key: CheckpointStore.Key(
        recordVersion: ImageRecord.currentVersion, program: RunDescription.toolVersion,
        imageDigest: digest, predictedClass: predicted, units: units.count))
    if !resumes { checkpoints.remove() }
    let search = UnitSearch(
      units: units,
      decision: decision(plan, model: model, image: index, image, predicted, units, predictor),
      settings: settings, checkpoints: checkpoints)
    let found = try search.run(progress: masked)
    let record = ImageRecord(
      found.run, minimal: found.minimal, image: index, identifier: dataset.identifiers[index],
      label: dataset.labels?[index] ?? 0, predictedClass: predicted, logits: logits,
      height: plan.height, width: plan.width, channels: audited.network.input.channels,
      imageDigest: digest, display: display)
    try RecordFile.write(record, to: folder.recordPath(plan.models[model], image: index))
    checkpoints.remove()
    return record
  }
}

extension AuditRunner {
  private func decision(
    _ plan: AuditPlan, model: Int, image index: Int, _ image: [Float], _ predicted: Int,
    _ units: PixelUnits, _ predictor: Predictor
  ) -> NetworkClassifier {
    NetworkClassifier(
      predictor, image: image, imageName: dataset.identifiers[index],
      maskValue: plan.models[model].mask.value,
      score: ClassScore(
        classIndex: predicted, outputKind: models[model].network.outputKind),
      kind: settings.score, units: units)
  }

  /// What BackSelect asks of one image, for timing: the class is the first one.
  func decision(
    _ plan: AuditPlan, model: Int, image index: Int, _ predictor: Predictor
  ) throws -> NetworkClassifier {
    let image = try models[model].image(index, of: dataset)
    let units = settings.unit.units(
      rows: plan.height, columns: plan.width, display: models[model].display(image))
    return decision(plan, model: model, image: index, image, 0, units, predictor)
  }
}

/// A worker's predictors, one per model it has met.
private struct WorkerPredictors {
  private let runner: AuditRunner
  private let load: WorkerLoad
  private var predictors: [Int: Predictor] = [:]

  init(_ runner: AuditRunner, _ load: WorkerLoad) {
    self.runner = runner
    self.load = load
  }

  mutating func predictor(_ model: Int) -> Predictor {
    if let predictor = predictors[model] { return predictor }
    let predictor = runner.predictor(model)
    predictor.threads = { [load] in load.threadsPerWorker }
    predictors[model] = predictor
    return predictor
  }
}

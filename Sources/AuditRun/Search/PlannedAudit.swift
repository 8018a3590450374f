import Audit
import Foundation
import Inference

/// An audit whose plan is made: accuracy is known, and nothing expensive has started.
package struct PlannedAudit: Sendable {
  package let runner: AuditRunner
  package let plan: AuditPlan
  /// `[model][image of the dataset × class]`.
  let outputs: [[Float]]
  /// The marks of the dataset's images; see `Predictions.pictures`.
  let pictures: [UInt64]
  /// `[model][position in the sample]`: records of an earlier run of the same audit.
  let stored: [[ImageRecord?]]

  /// Images to search, per model.
  package var remaining: [Int] { stored.map { $0.count { $0 == nil } } }

  /// Records that an earlier run left.
  package var storedCount: Int { stored.joined().count { $0 != nil } }

  /// What the searches will cost, timed on this machine: a few seconds of all workers.
  ///
  /// - Throws: `InferenceError` when a model lacks a gradient that the method needs.
  package func estimatedCost() throws -> CostEstimate {
    try CostEstimate(self)
  }

  /// Audits, continuing from stored records.
  ///
  /// `observe`: called from any worker's thread.
  ///
  /// Throws `AuditError`, `AuditRunError`, `DatasetError` or `InferenceError`; finished records stay.
  package func run(
    observe: @escaping @Sendable (AuditRunner.Event) -> Void
  ) throws -> AuditResults {
    try checkAccuracy()
    let folder = runner.folder
    if RecordFile.read(AuditPlan.self, from: folder.planPath) != plan { folder.removeConclusions() }
    try RecordFile.write(plan, to: folder.planPath)
    let digest = try plan.storedDigest
    let predictions = runner.predictions(outputs, pictures, planDigest: digest)
    try RecordFile.write(predictions, to: folder.predictionsPath)
    let records = try findRecords(observe: observe)
    observe(.comparingSubsets)
    let evaluations = try evaluateSubsets(records, planDigest: digest)
    try RecordFile.write(evaluations, to: folder.evaluationsPath)
    return AuditResults(
      plan: plan, records: records, evaluations: evaluations, predictions: predictions)
  }

  private func checkAccuracy() throws {
    guard let expected = runner.expectedAccuracy else { return }
    for model in plan.models {
      let found = Double(model.correct) / Double(plan.data.images)
      guard found >= expected else {
        throw AuditRunError.accuracy(model: model.name, found: found, expected: expected)
      }
    }
  }
}

// MARK: - BackSelect

extension PlannedAudit {
  /// Runs BackSelect where no record is stored; one record per model and image.
  private func findRecords(
    observe: @escaping @Sendable (AuditRunner.Event) -> Void
  ) throws -> [[ImageRecord]] {
    let settings = plan.settings
    // Image by image, so that an interrupted run has all models of the images it has.
    let jobs = plan.sample.images.indices.flatMap { position in
      plan.models.indices.filter { stored[$0][position] == nil }
        .map { (model: $0, position: position) }
    }
    let load = WorkerLoad(workers: runner.workers)
    let ledger = ProgressLedger(
      weights: jobs.map { plan.models[$0.model].multiplyAdds },
      shares: settings.backSelect.plannedShares(
        units: settings.unit.count(rows: plan.height, columns: plan.width),
        thresholds: settings.thresholds.count))
    let found = try concurrentMap(
      count: jobs.count, workers: runner.workers, load: load,
      makeState: { WorkerSessions(runner, load) },
      body: { index, sessions in
        let (model, position) = jobs[index]
        let record = try self.record(
          model: model, image: plan.sample.images[position], sessions.sessions(model)
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
    model: Int, image index: Int, _ sessions: SearchSessions, masked: (Int) -> Void
  ) throws -> ImageRecord {
    let (folder, dataset) = (runner.folder, runner.dataset)
    let image = try PreparedImage(
      index, of: dataset, for: runner.models[model], unit: plan.settings.unit)
    let logits = Array(runner.row(outputs[model], index))
    let predicted = ClassScore.predictedClass(logits)
    let checkpoints = CheckpointStore(
      path: folder.checkpointPath(plan.models[model], image: index),
      interval: .seconds(runner.checkpointInterval),
      key: CheckpointStore.Key(
        recordVersion: ImageRecord.currentVersion, program: RunDescription.toolVersion,
        imageDigest: image.digest, predictedClass: predicted, units: image.units.count))
    if !runner.resumes { checkpoints.remove() }
    let search = UnitSearch(
      units: image.units,
      decision: image.decision(
        about: predicted, by: sessions, maskValue: plan.models[model].mask.value,
        kind: plan.settings.score),
      settings: plan.settings, checkpoints: checkpoints)
    let record = image.record(
      try search.run(progress: masked), in: dataset, predictedClass: predicted, logits: logits,
      label: dataset.labels?[index] ?? 0)
    try RecordFile.write(record, to: folder.recordPath(plan.models[model], image: index))
    checkpoints.remove()
    return record
  }
}

/// A worker's sessions, for every model it has met.
private struct WorkerSessions {
  private let runner: AuditRunner
  private let load: WorkerLoad
  private var found: [Int: SearchSessions] = [:]

  init(_ runner: AuditRunner, _ load: WorkerLoad) {
    self.runner = runner
    self.load = load
  }

  mutating func sessions(_ model: Int) throws -> SearchSessions {
    if let sessions = found[model] { return sessions }
    let sessions = try runner.sessions(model) { [load] in load.threadsPerWorker }
    found[model] = sessions
    return sessions
  }
}

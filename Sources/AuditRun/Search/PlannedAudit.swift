import Audit
import Foundation
import Inference
import Statistics

/// An audit whose plan is made: accuracy is known, and nothing expensive has started.
package struct PlannedAudit: Sendable {
  package let runner: AuditRunner
  package let plan: AuditPlan
  /// `[model][image of the dataset × class]`.
  let outputs: [[Float]]
  /// The marks of the dataset's images; see `Predictions.pictures`.
  let pictures: [UInt64]
  /// Of all workers together, as predicting the dataset took.
  let secondsPerPass: Double
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
    try RecordFile.write(
      runner.predictions(outputs, pictures, planDigest: try plan.storedDigest),
      to: folder.predictionsPath)
    let results = try look(observe: observe)
    // What a look before the last one concluded is not kept: an audit stopped between two goes on.
    try RecordFile.write(results.plan, to: folder.planPath)
    try RecordFile.write(results.predictions, to: folder.predictionsPath)
    try RecordFile.write(results.evaluations, to: folder.evaluationsPath)
    return results
  }

  /// Searches images look by look, until every check is decided, time is over, or all are searched.
  private func look(
    observe: @escaping @Sendable (AuditRunner.Event) -> Void
  ) throws -> AuditResults {
    let planned = plan.sample.images.count
    let clock = clock()
    let random = RandomSubsetAnswers(self)
    var records = stored
    var gate: Gate?
    for size in plan.looks == 1 ? [planned] : SequentialLooks(images: planned).sizes {
      let wanted = plan.sample.searchOrder.prefix(size)
      records = try findRecords(wanted, known: records, clock, observe: observe)
      let found = wanted.filter { position in records.allSatisfy { $0[position] != nil } }.sorted()
      let kept = try keeping(found, of: size)
      observe(.comparingSubsets)
      let results = try kept.conclude(
        records.map { known in found.compactMap { known[$0] } }, random)
      guard found.count == size, size < planned, let judge = runner.judge else { return results }
      let now = try judge(results)
      let undecided = now.undecided(since: gate)
      if undecided.isEmpty { return results }
      observe(.looked(images: size, undecided: undecided.map(\.title)))
      gate = now
    }
    preconditionFailure("the last look has all images")
  }

  /// The audit of the images that were searched before it ended.
  ///
  /// `size`: of the look that asked for them.
  private func keeping(_ positions: [Int], of size: Int) throws -> PlannedAudit {
    let planned = plan.sample.images.count
    if positions.count == planned { return self }
    var end = "--until-decided ended the search after \(positions.count), every check being decided"
    if positions.count < size {
      guard let timeLimit = runner.timeLimit, !positions.isEmpty else {
        throw AuditRunError.noTime(limit: runner.timeLimit?.text ?? "")
      }
      end = "--time \(timeLimit.text) ended the search after \(positions.count)"
    }
    let sample = plan.sample.keeping(
      Set(positions), ended: "\(planned) were drawn; \(end).")
    return PlannedAudit(
      runner: runner, plan: plan.keeping(sample, dataDigest: try runner.dataDigest(sample)),
      outputs: outputs, pictures: pictures, secondsPerPass: secondsPerPass,
      stored: stored.map { found in positions.map { found[$0] } })
  }

  private func conclude(
    _ records: [[ImageRecord]], _ random: RandomSubsetAnswers
  ) throws -> AuditResults {
    let digest = try plan.storedDigest
    return AuditResults(
      plan: plan, records: records,
      evaluations: try evaluateSubsets(records, random, planDigest: digest),
      predictions: runner.predictions(outputs, pictures, planDigest: digest))
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

  /// Tells when searches are over; nil for when all are done.
  private func clock() -> SearchClock? {
    let (models, draws) = (plan.models.count, plan.settings.randomDraws)
    return runner.timeLimit?.clock(
      passes: models * draws * SubsetEvaluations.randomImages(plan).count,
      // Looks at ever more images ask about all of them again: twice the last one's at most.
      passesPerRecord: Double(models + plan.settings.thresholds.count + draws)
        * (plan.looks == 1 ? 1 : 2),
      secondsPerPass: secondsPerPass)
  }
}

// MARK: - BackSelect

extension PlannedAudit {
  /// Runs BackSelect where no record is known; one record per model and image, nil where time ended
  /// before.
  ///
  /// `wanted`: positions in the sample, in the order in which they are searched.
  private func findRecords(
    _ wanted: ArraySlice<Int>, known: [[ImageRecord?]], _ clock: SearchClock?,
    observe: @escaping @Sendable (AuditRunner.Event) -> Void
  ) throws -> [[ImageRecord?]] {
    let settings = plan.settings
    @Sendable func tell(_ progress: AuditProgress) {
      observe(.searching(clock.map { progress.inTime($0.share) } ?? progress))
    }
    // Image by image, so that an interrupted run has all models of the images it has.
    let jobs = wanted.flatMap { position in
      plan.models.indices.filter { known[$0][position] == nil }
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
      makeState: { WorkerSessions(runner.ending(by: clock), load) },
      body: { index, sessions -> ImageRecord? in
        let (model, position) = jobs[index]
        if let clock, clock.isOver { return nil }
        do {
          let record = try self.record(
            model: model, image: plan.sample.images[position], sessions.sessions(model)
          ) { tell(ledger.masked($0, job: index)) }
          clock?.finishedOne()
          tell(ledger.finished(job: index))
          return record
        } catch AuditError.interrupted where clock?.isOver ?? false {
          // A checkpoint is left; the same command with more time goes on from it.
          if Interruption.isRequested { throw AuditError.interrupted }
          return nil
        }
      })
    var records = known
    for (job, record) in zip(jobs, found) { records[job.model][job.position] = record }
    return records
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

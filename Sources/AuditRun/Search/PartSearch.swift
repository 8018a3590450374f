import Audit
import Foundation
import SharedWork
import SufficientInputSubsets
import Synchronization

/// Runs BackSelect on the images of parts, and makes the record of each part once its last search has
/// ended.
struct PartSearch: Sendable {
  private let audit: PlannedAudit
  /// Nil where time ends nothing.
  private let clock: SearchClock?
  private let observe: @Sendable (AuditRunner.Event) -> Void

  private var plan: AuditPlan { audit.plan }
  private var runner: AuditRunner { audit.runner }

  init(
    _ audit: PlannedAudit, clock: SearchClock?,
    observe: @escaping @Sendable (AuditRunner.Event) -> Void
  ) {
    self.audit = audit
    self.clock = clock
    self.observe = observe
  }

  /// One thing that a worker does: a search, or none where all of a part's are there already.
  private struct Job: Sendable {
    let part: Int
    let search: OpenPart.Search?
  }

  /// Searches parts in their order.
  ///
  /// Returns the parts of which there is a record now, ascending; all of them unless time ended before.
  ///
  /// Throws `AuditError`, `AuditRunError`, `SharedWorkError`, `DatasetError` or `InferenceError`.
  func run(_ open: [OpenPart]) throws -> [Int] {
    let jobs = open.enumerated().flatMap { index, part -> [Job] in
      if part.isDone { return [] }
      return part.missing.isEmpty
        ? [Job(part: index, search: nil)] : part.missing.map { Job(part: index, search: $0) }
    }
    let left = Mutex(open.map { $0.isDone ? 0 : max(1, $0.missing.count) })
    let ledger = ProgressLedger(
      weights: jobs.map { job in job.search.map { plan.models[$0.model].multiplyAdds } ?? 0 },
      shares: plan.settings.backSelect.plannedShares(
        units: plan.settings.unit.count(rows: plan.height, columns: plan.width),
        thresholds: plan.settings.thresholds.count))
    let load = WorkerLoad(workers: runner.workers)
    _ = try concurrentMap(
      count: jobs.count, workers: runner.workers, load: load,
      makeState: { WorkerSessions(runner, clock, load) },
      body: { index, sessions in
        let job = jobs[index]
        let part = open[job.part].part
        if let clock, clock.isOver { return }
        if let search = job.search {
          let isFinished = try inTime {
            try record(part, search, sessions.sessions(search.model)) {
              tell(ledger.masked($0, job: index))
            }
          }
          guard isFinished else { return }
        }
        // The last one to end has all records before it.
        let isLast = left.withLock { left in
          left[job.part] -= 1
          return left[job.part] == 0
        }
        if isLast { try PartAnswers(audit, part).conclude(sessions.predictors) }
        tell(ledger.finished(job: index))
      })
    return left.withLock { left in open.indices.filter { left[$0] == 0 }.map { open[$0].part.index }
    }
  }

  private func tell(_ progress: AuditProgress) {
    observe(.searching(clock.map { progress.inTime($0.share) } ?? progress))
  }

  /// Whether time let it end; a checkpoint is left otherwise, from which the same command goes on.
  private func inTime(_ body: () throws -> Void) throws -> Bool {
    do {
      try body()
      return true
    } catch SharedWorkError.interrupted where clock?.isOver ?? false {
      if Interruption.isRequested { throw SharedWorkError.interrupted }
      return false
    }
  }

  /// Finds and stores one record.
  ///
  /// `masked`: told the number of units masked so far.
  private func record(
    _ part: PlannedParts.Part, _ search: OpenPart.Search, _ sessions: SearchSessions,
    masked: (Int) -> Void
  ) throws {
    let (folder, dataset) = (runner.folder, runner.dataset)
    let (model, index) = (search.model, part.images[search.place])
    let image = try PreparedImage(
      index, of: dataset, for: runner.models[model], unit: plan.settings.unit)
    let predicted = audit.parts.predicted(model, part: part.index, image: search.place)
    let logits = try runner.models[model].outputs(of: [index], dataset: dataset, sessions.predictor)
    let checkpoints = CheckpointStore(
      path: folder.checkpointPath(plan.models[model], image: index),
      interval: .seconds(runner.checkpointInterval),
      key: CheckpointStore.Key(
        recordVersion: ImageRecord.currentVersion, program: RunDescription.toolVersion,
        imageDigest: image.digest, predictedClass: predicted, units: image.units.count))
    if !runner.resumes { checkpoints.remove() }
    let unitSearch = UnitSearch(
      units: image.units,
      decision: image.decision(
        about: predicted, by: sessions, maskValue: plan.models[model].mask.value,
        kind: plan.settings.score),
      settings: plan.settings, checkpoints: checkpoints)
    let record = image.record(
      try unitSearch.run(progress: masked), in: dataset, predictedClass: predicted, logits: logits,
      label: part.labels[search.place])
    try RecordFile.write(record, to: folder.recordPath(plan.models[model], image: index))
    checkpoints.remove()
  }
}

/// A worker's sessions, for every model it has met.
private struct WorkerSessions {
  /// What asks about subsets, which time does not end: there is a report on what was found.
  let predictors: ImagePredictors
  private let runner: AuditRunner
  private let load: WorkerLoad
  private var found: [Int: SearchSessions] = [:]

  init(_ runner: AuditRunner, _ clock: SearchClock?, _ load: WorkerLoad) {
    predictors = ImagePredictors(runner)
    self.runner = runner.ending(by: clock)
    self.load = load
  }

  mutating func sessions(_ model: Int) throws -> SearchSessions {
    if let sessions = found[model] { return sessions }
    let sessions = try runner.sessions(model) { [load] in load.threadsPerWorker }
    found[model] = sessions
    return sessions
  }
}

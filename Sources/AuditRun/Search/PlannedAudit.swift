import Audit
import Foundation
import Inference
import SharedWork
import Statistics

/// An audit whose plan is made: accuracy is known, and nothing expensive has started.
package struct PlannedAudit: Sendable {
  package let runner: AuditRunner
  package let plan: AuditPlan
  let parts: PlannedParts
  /// Nil where another shard made them.
  private let predictions: DatasetPredictions?
  /// Of all workers together, as predicting the dataset took.
  private let secondsPerPass: Double
  /// The parts that this process searches, in order, with what an earlier run left of them.
  private let open: [OpenPart]

  /// Throws when a key cannot be encoded.
  init(
    runner: AuditRunner, plan: AuditPlan, predictions: DatasetPredictions?, secondsPerPass: Double
  ) throws {
    guard let parts = plan.parts else { preconditionFailure("a plan without parts") }
    self.runner = runner
    self.plan = plan
    self.parts = parts
    self.predictions = predictions
    self.secondsPerPass = secondsPerPass
    open = try (runner.sharding?.shard ?? .whole).pieces(of: parts.count).map {
      try OpenPart(parts.part($0), of: plan, runner)
    }
  }

  /// Images to search here, per model.
  package var remaining: [Int] {
    plan.models.indices.map { model in
      open.reduce(0) { $0 + $1.missing.count { $0.model == model } }
    }
  }

  /// Images that this process is to search, with all models.
  package var ownImages: Int { open.reduce(0) { $0 + $1.part.images.count } }

  /// Records that an earlier run left.
  package var storedCount: Int { ownImages * plan.models.count - remaining.reduce(0, +) }

  /// What the searches will cost, timed on this machine: a few seconds of all workers.
  ///
  /// - Throws: `InferenceError` when a model lacks a gradient that the method needs.
  package func estimatedCost() throws -> CostEstimate {
    try CostEstimate(self)
  }

  /// Does the share of a shard: searches its parts and asks about its pieces of the random baseline.
  ///
  /// `observe`: called from any worker's thread.
  ///
  /// Throws `AuditError`, `AuditRunError`, `SharedWorkError`, `DatasetError` or `InferenceError`;
  /// finished records stay.
  package func search(observe: @escaping @Sendable (AuditRunner.Event) -> Void) throws {
    try checkAccuracy()
    observe(.showingRandomSubsets)
    try BaselineSearch(self).run()
    _ = try PartSearch(self, clock: nil, observe: observe).run(open)
  }

  /// Audits, continuing from stored records.
  ///
  /// `observe`: called from any worker's thread.
  ///
  /// Throws as `search` does.
  package func run(
    observe: @escaping @Sendable (AuditRunner.Event) -> Void
  ) throws -> AuditResults {
    try checkAccuracy()
    let folder = runner.folder
    if RecordFile.read(AuditPlan.self, from: folder.planPath) != plan { folder.removeConclusions() }
    try keep(plan)
    observe(.showingRandomSubsets)
    try BaselineSearch(self).run()
    let results = try look(observe: observe)
    // What a look before the last one concluded is not kept: an audit stopped between two goes on.
    try keep(results.plan)
    return results
  }

  /// Writes a plan, and predictions that name it.
  private func keep(_ plan: AuditPlan) throws {
    try RecordFile.write(plan, to: runner.folder.planPath)
    try RecordFile.write(storedPredictions(plan), to: runner.folder.predictionsPath)
  }

  private func storedPredictions(_ plan: AuditPlan) throws -> Predictions {
    guard let predictions else { preconditionFailure("predictions are another shard's") }
    return predictions.stored(runner, planDigest: try plan.storedDigest)
  }

  /// Searches images look by look, until every check is decided, time is over, or all are searched.
  private func look(
    observe: @escaping @Sendable (AuditRunner.Event) -> Void
  ) throws -> AuditResults {
    let planned = plan.sample.images.count
    let search = PartSearch(self, clock: runner.timeLimit?.clock, observe: observe)
    var finished: [Int] = []
    var gate: Gate?
    for size in plan.looks == 1 ? [planned] : SequentialLooks(images: planned).sizes {
      let wanted = (size + parts.size - 1) / parts.size
      finished += try search.run(Array(open[..<wanted].dropFirst(finished.count)))
      let results = try conclude(finished, wanted: wanted)
      guard finished.count == wanted, wanted < open.count, let judge = runner.judge else {
        return results
      }
      let now = try judge(results)
      let undecided = now.undecided(since: gate)
      if undecided.isEmpty { return results }
      observe(.looked(images: results.plan.sample.images.count, undecided: undecided.map(\.title)))
      gate = now
    }
    preconditionFailure("the last look has all images")
  }

  /// The audit of the parts that were searched before it ended.
  ///
  /// `wanted`: how many the look asked for.
  private func conclude(_ finished: [Int], wanted: Int) throws -> AuditResults {
    var plan = plan
    if finished.count < parts.count {
      plan = try keeping(finished, isInTime: finished.count == wanted)
    }
    return try StoredAudit(
      runner.folder, plan: plan, predictions: storedPredictions(plan)
    ).results()
  }

  /// The plan of some parts.
  private func keeping(_ finished: [Int], isInTime: Bool) throws -> AuditPlan {
    let images = try Set(finished.flatMap { try parts.part($0).images })
    let positions = plan.sample.images.indices.filter { images.contains(plan.sample.images[$0]) }
    let planned = plan.sample.images.count
    var end =
      "--until-decided ended the search after \(positions.count), every check being decided"
    if !isInTime {
      guard let timeLimit = runner.timeLimit, !positions.isEmpty else {
        throw AuditRunError.noTime(limit: runner.timeLimit?.text ?? "")
      }
      end = "--time \(timeLimit.text) ended the search after \(positions.count)"
    }
    let sample = plan.sample.keeping(Set(positions), ended: "\(planned) were drawn; \(end).")
    return plan.keeping(sample, labels: runner.dataset.labels ?? [])
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

import Audit
import Datasets
import Foundation
import Inference
import SharedWork
import SufficientInputSubsets

/// What BackSelect will still cost, counted and timed before it starts.
package struct CostEstimate: Sendable {
  /// Forward passes of one image, over all searches.
  package let evaluations: Int
  /// Forward and backward passes of one image, over all searches.
  package let gradients: Int
  /// On all workers together, from start to end.
  package let seconds: Double

  /// Counts steps and times a few of each model's on this machine, on all workers at once as the
  /// run itself will be.
  ///
  /// Throws `InferenceError` when a model lacks a gradient that the method needs.
  init(_ audit: PlannedAudit) throws {
    let (runner, plan, remaining) = (audit.runner, audit.plan, audit.remaining)
    let settings = plan.settings
    let units = settings.unit.count(rows: plan.height, columns: plan.width)
    let cost = settings.backSelect.plannedCost(units: units, thresholds: settings.thresholds.count)
    evaluations = cost.evaluations * remaining.reduce(0, +)
    gradients = cost.gradients * remaining.reduce(0, +)
    var seconds = 0.0
    for (model, count) in remaining.enumerated() where count > 0 {
      let times = try concurrentMap(
        count: runner.workers, workers: runner.workers, makeState: {},
        body: { _, _ in try StepTimes(audit, model: model) })
      let share = 1 / Double(times.count)
      let evaluation = times.reduce(0) { $0 + $1.evaluation * share }
      let gradient = times.reduce(0) { $0 + $1.gradient * share }
      // The image a gradient is taken at was evaluated for it.
      let sharesPass = !settings.method.evaluatesSinglePixels
      let beside = cost.evaluations - (sharesPass ? cost.gradients : 0)
      seconds +=
        Double(count) * (Double(beside) * evaluation + Double(cost.gradients) * gradient)
    }
    self.seconds = seconds / Double(runner.workers)
  }
}

/// Seconds of one evaluation and of one gradient, each the least of a few.
private struct StepTimes: Sendable {
  var evaluation = Double.infinity
  var gradient = 0.0

  init(_ audit: PlannedAudit, model: Int) throws {
    let (runner, plan) = (audit.runner, audit.plan)
    let settings = plan.settings
    // Which class is asked about changes no time.
    var decision = try PreparedImage(
      plan.sample.images[0], of: runner.dataset, for: runner.models[model], unit: settings.unit
    ).decision(
      about: 0, by: runner.sessions(model), maskValue: plan.models[model].mask.value,
      kind: settings.score)
    var visible = PixelSet.all(of: decision.pixelCount)
    // Spread over the image, because some may look masked already and cost nothing.
    let count = min(settings.timedCandidates, decision.pixelCount)
    let candidates = (0..<count).map { $0 * decision.pixelCount / count }
    if settings.method != .exact { gradient = .infinity }
    // The first pass prepares memory and primitives.
    for pass in 0..<4 {
      // Another image each time, as each step has: its activations are computed anew.
      visible.remove(candidates[pass % candidates.count])
      var gradientTime = 0.0
      if settings.method != .exact {
        gradientTime = try seconds { _ = try decision.maskGradient(visible: visible) }
      }
      let time = try seconds {
        if settings.method.evaluatesSinglePixels {
          _ = try decision.evaluateToggling(eachOf: candidates, visible: visible)
        } else {
          _ = try decision.evaluate(
            candidates.map { candidate in
              var fewer = visible
              fewer.remove(candidate)
              return fewer
            })
        }
      }
      guard pass > 0 else { continue }
      evaluation = min(evaluation, time / Double(candidates.count))
      gradient = min(gradient, gradientTime)
    }
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  }
}

extension AuditSettings {
  /// Candidates of one timed step.
  fileprivate var timedCandidates: Int {
    switch method {
    case .exact: 64
    case .guided: FloatingSearch.fine.shortlist + FloatingSearch.fine.returning
    case .quick: FloatingSearch.quick.shortlist + FloatingSearch.quick.returning
    case .floating, .gradient: 16
    }
  }
}

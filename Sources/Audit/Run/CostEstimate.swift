import Foundation
import Inference

/// What BackSelect will cost, counted and timed before it starts.
package struct CostEstimate: Sendable {
  package let evaluations: Int
  package let gradients: Int
  package let seconds: Double

  /// Counts steps and times a few passes of each model on this machine.
  ///
  /// `images`: images without a stored record, per model.
  ///
  /// Throws `InferenceError` when a model lacks a gradient that the method needs.
  package init(
    _ models: [AuditedModel], images: [Int], settings: AuditSettings, workers: Int
  ) throws {
    var evaluations = 0
    var gradients = 0
    var seconds = 0.0
    for (model, count) in zip(models, images) where count > 0 {
      let cost = CostEstimate.perImage(settings, pixels: model.network.input.pixelCount)
      let batch = settings.method == .guided ? settings.shortlist : 64
      evaluations += cost.evaluations * count
      gradients += cost.gradients * count
      let forward = try CostEstimate.time(model, batch: batch, gradient: false)
      let backward =
        cost.gradients > 0 ? try CostEstimate.time(model, batch: 1, gradient: true) : 0
      seconds +=
        Double(count) * (Double(cost.evaluations) * forward + Double(cost.gradients) * backward)
    }
    self.evaluations = evaluations
    self.gradients = gradients
    self.seconds = seconds / Double(max(workers, 1))
  }

  package static func perImage(
    _ settings: AuditSettings, pixels p: Int
  ) -> (evaluations: Int, gradients: Int) {
    switch settings.method {
    case .exact:
      return (p * (p + 1) / 2 + 1, 0)
    case .guided:
      let n = min(settings.shortlist, p)
      return (1 + (p - n) * n + n * (n + 1) / 2, p - n)
    case .gradient:
      let block = min(settings.block, p)
      let blocks = (p + block - 1) / block
      return (1 + blocks + settings.thresholds.count * (block - 1), blocks)
    }
  }

  /// Seconds per image and pass, the least of a few.
  private static func time(_ model: AuditedModel, batch: Int, gradient: Bool) throws -> Double {
    OneDNN.useOneThread()
    let session = try Session(model.network, batchSize: batch, gradient: gradient)
    var best = Double.infinity
    for _ in 0..<5 {
      let start = DispatchTime.now().uptimeNanoseconds
      _ = session.forward()
      if gradient { _ = session.backward() }
      best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9)
    }
    return best / Double(session.batchSize)
  }
}

import Audit
import SharedWork

/// Asks models about random subsets of many images: the share of this process, piece by piece.
struct BaselineSearch {
  private let audit: PlannedAudit

  init(_ audit: PlannedAudit) {
    self.audit = audit
  }

  /// Makes and stores the pieces that are not there.
  ///
  /// Throws `AuditRunError`, `SharedWorkError`, `DatasetError` or `InferenceError`.
  func run() throws {
    let (plan, runner, parts) = (audit.plan, audit.runner, audit.parts)
    guard let planned = plan.baseline else { return }
    let shard = runner.sharding?.shard ?? .whole
    let pieces = try shard.pieces(of: planned.pieces.count).filter { piece in
      try !runner.resumes || runner.folder.baselinePiece(piece, of: plan).value == nil
    }
    _ = try concurrentMap(
      count: pieces.count, workers: runner.workers, makeState: { ImagePredictors(runner) },
      body: { index, predictors in
        let piece = pieces[index]
        let images = planned.images(piece)
        try runner.check(images, digests: planned.digests(piece))
        let right = try plan.models.indices.map { model in
          try answers(model, images, labels: planned.labels(piece), predictors)
        }
        try RecordFile.write(
          RandomBaselineRecord(
            key: planned.key(piece, plan),
            answers: RandomBaseline(images: images.count, right: right)),
          to: runner.folder.baselinePath(piece, of: parts))
      })
  }

  /// `[draw]`, by image: 1 where a model is right.
  private func answers(
    _ model: Int, _ images: [Int], labels: [Int], _ predictors: ImagePredictors
  ) throws -> [PackedNumbers<UInt8>] {
    let (plan, classes) = (audit.plan, audit.plan.classCount)
    // All draws at once: each image is read once.
    let asked = (0..<plan.settings.randomDraws).flatMap { _ in images }
    let rows = try predictors.outputs(
      model, asked,
      change: { position, image in
        MaskedSubset.visible(
          RandomBaseline.subset(plan, draw: position / images.count, image: asked[position])
        ).applied(to: image, mask: plan.models[model].mask.value)
      })
    return (0..<plan.settings.randomDraws).map { draw in
      PackedNumbers(
        images.indices.map { place in
          let start = (draw * images.count + place) * classes
          return ClassScore.predictedClass(rows[start..<start + classes]) == labels[place] ? 1 : 0
        })
    }
  }
}

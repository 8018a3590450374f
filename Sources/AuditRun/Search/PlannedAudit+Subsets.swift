import Audit

/// What every model says of every model's subsets, and of random ones.
extension PlannedAudit {
  func evaluateSubsets(
    _ records: [[ImageRecord]], _ random: RandomSubsetAnswers, planDigest: String
  ) throws -> SubsetEvaluations {
    let transferred = try plan.models.indices.map { source in
      let subsets = records[source].map { $0.lastPixels(plan.subsetSize) }
      return try plan.models.indices.map { target in
        let outputs = try maskedOutputs(
          model: target, images: plan.sample.images, subsets: { subsets[$0] })
        return records[source].enumerated().map { position, record in
          answer(target, runner.row(outputs, position), about: record.predictedClass)
        }
      }
    }
    let images = SubsetEvaluations.randomImages(plan)
    let drawn = try random.answers(images)
    let audited = try random.answers(plan.sample.images)
    return SubsetEvaluations(
      planDigest: planDigest, transferred: transferred,
      withoutSIS: try plan.models.indices.map { try withoutSIS($0, records[$0]) },
      randomImages: images.count, randomRight: drawn, randomRightAudited: audited)
  }

  private func answer(
    _ model: Int, _ row: ArraySlice<Float>, about classIndex: Int
  ) -> SubsetEvaluations.Answer {
    let score = ClassScore(
      classIndex: classIndex, outputKind: runner.models[model].network.outputKind)
    return SubsetEvaluations.Answer(
      predicted: ClassScore.predictedClass(row), confidence: score.confidence(row))
  }

  /// `[image][threshold]`: what a model says of images of which the SIS alone is masked.
  private func withoutSIS(
    _ model: Int, _ records: [ImageRecord]
  ) throws -> [[SubsetEvaluations.Answer?]] {
    let thresholds = plan.settings.thresholds
    let subsets = records.enumerated().flatMap { position, record in
      thresholds.indices.compactMap { index in
        record.sufficientInputSubset(thresholds[index]).flatMap { pixels in
          pixels.isEmpty ? nil : (position: position, threshold: index, pixels: pixels)
        }
      }
    }
    let outputs = try maskedOutputs(
      model: model, images: subsets.map { plan.sample.images[$0.position] },
      subsets: { Array(Set(0..<plan.pixelCount).subtracting(subsets[$0].pixels)) })
    var answers = records.map { _ in
      [SubsetEvaluations.Answer?](repeating: nil, count: thresholds.count)
    }
    for (index, subset) in subsets.enumerated() {
      answers[subset.position][subset.threshold] = answer(
        model, runner.row(outputs, index), about: records[subset.position].predictedClass)
    }
    return answers
  }

  /// Outputs `[n, classes]` of a model for images of which only a subset is visible.
  ///
  /// `subsets` gives the visible pixels by position in `images`.
  fileprivate func maskedOutputs(
    model index: Int, images: [Int],
    subsets: @escaping @Sendable (Int) -> [Int]
  ) throws -> [Float] {
    let mask = plan.models[index].mask.value
    let channels = mask.count
    let model = runner.models[index]
    return try model.outputs(
      of: images, dataset: runner.dataset, workers: runner.workers,
      batchSize: runner.batchSize(model)
    ) { position, image in
      let visible = subsets(position)
      var masked = image.indices.map { mask[$0 % channels] }
      for pixel in visible {
        for c in pixel * channels..<(pixel + 1) * channels { masked[c] = image[c] }
      }
      return masked
    }
  }
}

/// Whether models are right on random subsets: each asked once, however often an audit is looked at.
final class RandomSubsetAnswers {
  private let audit: PlannedAudit
  /// `[model][draw]`, by image: 1 where the model is right.
  private var known: [[[Int: UInt8]]]

  init(_ audit: PlannedAudit) {
    self.audit = audit
    known = audit.plan.models.map { _ in
      [[Int: UInt8]](repeating: [:], count: audit.plan.settings.randomDraws)
    }
  }

  /// `[model][draw][position in images]`.
  func answers(_ images: [Int]) throws -> [[PackedNumbers<UInt8>]] {
    try known.indices.map { model in
      try known[model].indices.map { draw in
        let missing = Set(images).subtracting(known[model][draw].keys).sorted()
        if !missing.isEmpty { try ask(model, draw, missing) }
        return PackedNumbers(images.map { known[model][draw][$0] ?? 0 })
      }
    }
  }

  private func ask(_ model: Int, _ draw: Int, _ images: [Int]) throws {
    let (plan, runner) = (audit.plan, audit.runner)
    let outputs = try audit.maskedOutputs(model: model, images: images) { position in
      SubsetEvaluations.randomSubset(plan, draw: draw, image: images[position])
    }
    let labels = runner.dataset.labels ?? []
    for (position, image) in images.enumerated() {
      let predicted = ClassScore.predictedClass(runner.row(outputs, position))
      known[model][draw][image] = predicted == labels[image] ? 1 : 0
    }
  }
}

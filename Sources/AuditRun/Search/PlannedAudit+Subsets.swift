import Audit

/// What every model says of every model's subsets, and of random ones.
extension PlannedAudit {
  func evaluateSubsets(
    _ records: [[ImageRecord]], planDigest: String
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
    let isRight = try plan.models.indices.map { model in
      try (0..<plan.settings.randomDraws).map { draw in
        try rightOnRandom(model: model, draw: draw, images + plan.sample.images)
      }
    }
    func packed(_ images: [Int]) -> [[PackedNumbers<UInt8>]] {
      isRight.map { $0.map { right in PackedNumbers(images.map { right[$0] ?? 0 }) } }
    }
    return SubsetEvaluations(
      planDigest: planDigest, transferred: transferred,
      withoutSIS: try plan.models.indices.map { try withoutSIS($0, records[$0]) },
      randomImages: images.count,
      randomRight: packed(images), randomRightAudited: packed(plan.sample.images))
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

  /// By image: 1 where the model is right on its random subset of a draw.
  private func rightOnRandom(
    model: Int, draw: Int, _ images: [Int]
  ) throws -> [Int: UInt8] {
    let images = Set(images).sorted()
    let outputs = try maskedOutputs(model: model, images: images) { position in
      SubsetEvaluations.randomSubset(plan, draw: draw, image: images[position])
    }
    let labels = runner.dataset.labels ?? []
    return Dictionary(
      uniqueKeysWithValues: images.enumerated().map { position, image in
        (image, ClassScore.predictedClass(runner.row(outputs, position)) == labels[image] ? 1 : 0)
      })
  }

  /// Outputs `[n, classes]` of a model for images of which only a subset is visible.
  ///
  /// `subsets` gives the visible pixels by position in `images`.
  private func maskedOutputs(
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

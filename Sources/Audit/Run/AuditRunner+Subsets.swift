/// What every model says of every model's subsets, and of random ones.
extension AuditRunner {
  func evaluateSubsets(
    _ plan: AuditPlan, _ records: [[ImageRecord]], planDigest: String
  ) throws -> SubsetEvaluations {
    let transferred = try models.indices.map { source in
      let subsets = records[source].map { $0.lastPixels(plan.subsetSize) }
      return try models.indices.map { target in
        let outputs = try outputs(
          plan, model: target, images: plan.sample.images, subsets: { subsets[$0] })
        return records[source].enumerated().map { position, record in
          let row = row(outputs, position)
          let score = ClassScore(
            classIndex: record.predictedClass, outputKind: models[target].network.outputKind)
          return SubsetEvaluations.Answer(
            predicted: ClassScore.predictedClass(row), confidence: score.confidence(row))
        }
      }
    }
    let images = SubsetEvaluations.randomImages(plan)
    let isRight = try models.indices.map { model in
      try (0..<settings.randomDraws).map { draw in
        try rightOnRandom(plan, model: model, draw: draw, images + plan.sample.images)
      }
    }
    func packed(_ images: [Int]) -> [[PackedNumbers<UInt8>]] {
      isRight.map { $0.map { right in PackedNumbers(images.map { right[$0] ?? 0 }) } }
    }
    return SubsetEvaluations(
      planDigest: planDigest, transferred: transferred, randomImages: images.count,
      randomRight: packed(images), randomRightAudited: packed(plan.sample.images))
  }

  /// By image: 1 where the model is right on its random subset of a draw.
  private func rightOnRandom(
    _ plan: AuditPlan, model: Int, draw: Int, _ images: [Int]
  ) throws -> [Int: UInt8] {
    let images = Set(images).sorted()
    let outputs = try outputs(plan, model: model, images: images) { position in
      SubsetEvaluations.randomSubset(plan, draw: draw, image: images[position])
    }
    let labels = dataset.labels ?? []
    return Dictionary(
      uniqueKeysWithValues: images.enumerated().map { position, image in
        (image, ClassScore.predictedClass(row(outputs, position)) == labels[image] ? 1 : 0)
      })
  }

  /// Outputs `[n, classes]` of a model for images of which only a subset is visible.
  ///
  /// `subsets` gives the visible pixels by position in `images`.
  private func outputs(
    _ plan: AuditPlan, model index: Int, images: [Int],
    subsets: @escaping @Sendable (Int) -> [Int]
  ) throws -> [Float] {
    let mask = plan.models[index].mask.value
    let channels = mask.count
    let model = models[index]
    return try model.outputs(
      of: images, dataset: dataset, workers: workers, batchSize: batchSize(model)
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

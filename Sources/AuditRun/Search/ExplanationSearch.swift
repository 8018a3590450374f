import Audit
import Datasets
import Inference
import SharedWork
import SufficientInputSubsets

/// Finds what suffices for a model's decision about one image.
package struct ExplanationSearch: Sendable {
  package let model: AuditedModel
  package let dataset: Dataset
  package let settings: AuditSettings
  /// The most disjoint subsets per threshold.
  package let maxSubsets: Int
  package let workers: Int

  package init(
    _ model: AuditedModel, dataset: Dataset, settings: AuditSettings, maxSubsets: Int, workers: Int
  ) {
    self.model = model
    self.dataset = dataset
    self.settings = settings
    self.maxSubsets = maxSubsets
    self.workers = workers
  }

  /// Explains one image.
  ///
  /// `name`: what reports call it.
  ///
  /// `observe`: told the share of the first search that is done, 0...1; the collections follow it.
  ///
  /// Throws `AuditError`, `AuditRunError`, `DatasetError` or `InferenceError`.
  package func explain(
    _ index: Int, name: String, observe: @escaping @Sendable (Double) -> Void
  ) throws -> Explanation {
    let input = model.network.input
    try settings.unit.check(rows: input.height, columns: input.width)
    let image = try PreparedImage(
      index, of: dataset, for: model, unit: settings.unit, name: name)
    let (kind, warnings) = mask()
    let candidates = try MaskCandidate.candidates(
      for: model, mask: kind, dataMean: { try model.mean(of: dataset) })
    let maskValue = candidates.first(where: \.isChosen)?.value ?? []
    let logits = try model.outputs(of: [index], dataset: dataset, workers: 1, batchSize: 1)
    let predicted = ClassScore.predictedClass(logits)
    let decision = { @Sendable (threads: Int) in
      try image.decision(
        about: predicted, by: sessions(threads: threads), maskValue: maskValue,
        kind: settings.score)
    }
    let found = try firstSearch(image, try decision(workers), observe)
    let collections = try collections(image, found) { try decision(1) }
    let label = dataset.labels?[index]
    var cost = found.run.cost
    for member in collections.flatMap({ $0.dropFirst() }) { cost += member.run.cost }
    return Explanation(
      Explanation.Findings(
        run: found.run, minimal: found.minimal,
        collections: collections.map { $0.map { image.units.inSearchOrder($0.pixels) } },
        cost: cost),
      record: image.record(
        found, in: dataset, predictedClass: predicted, logits: logits, label: label ?? predicted),
      label: label,
      names: Explanation.Names(model: model.name, image: name, classes: dataset.classNames),
      mask: (maskValue, model.display(maskValue)), settings: settings, warnings: warnings)
  }

  private func sessions(threads: Int) throws -> SearchSessions {
    try SearchSessions(
      model.network,
      batchSize: AuditedModel.automaticBatchSize(model.network, memoryLimit: nil),
      gradient: settings.backSelect.needsGradient, willRun: Interruption.check,
      threads: { threads })
  }

  private func firstSearch(
    _ image: PreparedImage, _ decision: NetworkClassifier,
    _ observe: @escaping @Sendable (Double) -> Void
  ) throws -> FoundSubsets {
    let shares = settings.backSelect.plannedShares(
      units: image.units.count, thresholds: settings.thresholds.count)
    let search = UnitSearch(units: image.units, decision: decision, settings: settings)
    let found = try search.run { masked in
      if shares[masked] < 1 { observe(shares[masked]) }
    }
    observe(1)
    return found
  }

  /// One collection of disjoint subsets per threshold, each on a thread of its own.
  private func collections(
    _ image: PreparedImage, _ found: FoundSubsets,
    _ decision: @escaping @Sendable () throws -> NetworkClassifier
  ) throws -> [[SufficientInputSubset]] {
    try concurrentMap(
      count: settings.thresholds.count, workers: workers, makeState: decision,
      body: { position, classifier in
        try sisCollection(
          from: .all(of: image.units.count), threshold: settings.thresholds[position],
          method: settings.backSelect, on: &classifier, firstRun: found.unitRun,
          limit: maxSubsets)
      })
  }

  /// The mask that is stated, or black: a lone picture has no dataset mean, and its own would hide what
  /// it shows.
  private func mask() -> (AuditSettings.Mask, warnings: [String]) {
    let stated = settings.mask
    let hasMean = model.preprocessor.preprocessing.mean != nil
    guard dataset.count == 1, !hasMean, [.mean, .automatic].contains(stated) else {
      return (
        stated,
        stated == .mean && !hasMean
          ? ["The mask is the mean of \(dataset.count) images of '\(dataset.path)'."] : []
      )
    }
    return (
      .zero,
      [
        "One picture has no dataset mean, so masked pixels are black (--mask zero). State --mask, or "
          + "the training mean with --mean, for the numbers that an audit gives."
      ]
    )
  }
}

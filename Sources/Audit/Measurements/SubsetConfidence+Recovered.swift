import Reports
import Statistics

/// Accuracies over the same images, and what of the full images' the subsets recover.
extension SubsetConfidence {
  static func sameImages(
    _ results: AuditResults, _ model: Int, _ positions: [Int]
  ) -> [RecoveredEstimate.Observation] {
    positions.compactMap { position in
      let record = results.records[model][position]
      guard let answer = results.subsetAnswer(model, position) else { return nil }
      return results.randomAccuracy(model, position: position).map { random in
        RecoveredEstimate.Observation(
          full: record.isCorrect ? 1 : 0, subset: answer.predicted == record.label ? 1 : 0,
          random: random, unit: results.unit(position))
      }
    }
  }

  static func estimates(
    _ images: [RecoveredEstimate.Observation], _ results: AuditResults
  ) -> SameImages? {
    guard
      let full = MeanEstimate(
        shares: images.map { ($0.full, $0.unit) },
        certainStrata: results.strataOfKnownCorrectness),
      let subset = MeanEstimate(shares: images.map { ($0.subset, $0.unit) }),
      let random = MeanEstimate(shares: images.map { ($0.random, $0.unit) })
    else { return nil }
    return SameImages(full: full, subset: subset, random: random)
  }

  /// What full images must add to random pixels for a share of it to mean anything.
  static let leastAdded = 0.05

  static func recovered(
    _ images: [RecoveredEstimate.Observation], _ same: SameImages?
  ) -> (share: MeanEstimate?, reason: String?) {
    guard let same else {
      return (nil, "no audited image has random subsets to compare with")
    }
    guard images.count >= MeanEstimate.fewest else {
      return (nil, "fewer than \(MeanEstimate.fewest) images can be compared; audit more (--limit)")
    }
    guard same.full.mean - same.random.mean >= leastAdded else {
      return (nil, "full images add less than five points of accuracy to random pixels")
    }
    guard let estimate = RecoveredEstimate(images) else {
      return (
        nil,
        "the \(levelText) interval of what full images add to random pixels includes 0; audit more images "
          + "(--limit)"
      )
    }
    return (
      MeanEstimate(
        n: estimate.n, mean: estimate.share, std: nil, low: estimate.low, high: estimate.high),
      estimate.low == nil
        ? "its interval holds every possible share; audit more images (--limit)" : nil
    )
  }

  /// How the share recovered is told, and why a model has none.
  static func recoveredNote(_ results: AuditResults) -> String {
    guard let value = results.value(of: SubsetConfidence.self) else { return "" }
    let reasons = value.models.compactMap { model in
      model.recoveredReason.map { "\(model.model): \($0)." }
    }
    return
      "Accuracy that chosen pixels keep: (chosen − random) / (whole − random) over the same images, without those of the "
      + "blank image’s class; \(levelText) interval by Fieller, with the variance of few subsets that agree at least "
      + "Agresti and Coull’s, cut at what accuracies of 0 and 100% would give."
      + (reasons.isEmpty ? "" : " –: " + reasons.joined(separator: " "))
  }

  /// Recovered with its interval, as a percentage that may exceed 100.
  static func recoveredText(_ model: ModelValue) -> String {
    guard let recovered = model.recovered else { return "–" }
    guard let low = recovered.low, let high = recovered.high else {
      return percent(recovered.mean, decimals: 0)
    }
    return percent(recovered.mean, decimals: 0)
      + " [\(number(low * 100, decimals: 0)), \(number(high * 100, decimals: 0))]"
  }
}

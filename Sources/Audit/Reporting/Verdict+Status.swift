import Reports
import Statistics

/// How a model is to be taken.
extension Verdict {
  /// Of fewer images nothing is said of a model.
  static let fewestJudged = 10

  /// Accuracies on whole images, chosen and random pixels, over the same images; nil where they were not
  /// measured.
  static func sameImages(_ results: AuditResults, _ model: Int) -> SubsetConfidence.SameImages? {
    results.value(of: SubsetConfidence.self)?.models[model].sameImages
  }

  /// Why nothing can be said of a model; nil where something can.
  static func reasonAgainst(_ results: AuditResults, _ model: Int) -> String? {
    guard results.evaluations != nil else { return "not measured" }
    guard let same = sameImages(results, model), same.subset.n >= fewestJudged else {
      return "too few images to say"
    }
    // Chosen pixels cannot carry what whole images do not have.
    return same.full.mean - same.random.mean < SubsetConfidence.leastAdded
      ? "no more right on whole images than on random pixels" : nil
  }

  /// Whether a few chosen pixels carry the accuracy of the whole image while random ones do not: the
  /// paper's sign of overinterpretation.
  ///
  /// `rule` states it. Limits of one's own come with a policy.
  static func status(_ results: AuditResults, _ model: Int) -> Status {
    let isShortcut =
      (results.value(of: DecidingFeatures.self)?.models[model].sufficient ?? 0) > 0
    guard reasonAgainst(results, model) == nil, let same = sameImages(results, model) else {
      return isShortcut ? .concern : .inconclusive
    }
    guard carriesByPixels(results, model) else { return isShortcut ? .concern : .neutral }
    return same.subset.mean >= same.full.mean - 0.02 && isSurelyMore(same) ? .bad : .concern
  }

  /// Whether chosen pixels are worth at least half of the image's accuracy, and twice that of random ones.
  static func carriesByPixels(_ results: AuditResults, _ model: Int) -> Bool {
    guard reasonAgainst(results, model) == nil, let same = sameImages(results, model) else {
      return false
    }
    return same.subset.mean >= same.full.mean / 2 && same.random.mean < same.subset.mean / 2
  }

  /// Whether chosen pixels are worth more than random ones by more than chance.
  static func isSurelyMore(_ same: SubsetConfidence.SameImages) -> Bool {
    guard let low = same.subset.low, let high = same.random.high else { return false }
    return low > high
  }

  /// The status in a few words.
  static func word(_ results: AuditResults, _ model: Int) -> String {
    switch status(results, model) {
    case .bad: "overinterprets"
    case .concern:
      carriesByPixels(results, model) ? "leans on few pixels" : "a feature decides alone"
    case .neutral:
      // Where chosen pixels are worth nothing, random ones are no news.
      sameImages(results, model).map {
        $0.random.mean >= max($0.subset.mean / 2, SubsetConfidence.leastAdded)
      } ?? false ? "random pixels do about as well" : "no overinterpretation seen"
    case .good, .inconclusive, .notRun:
      reasonAgainst(results, model) ?? "not measured"
    }
  }

  /// When a model is taken how.
  static func rule(_ results: AuditResults) -> String {
    let images = results.plan.sample.images.count
    return
      "A model that is right on a few chosen pixels, where random pixels say nothing, decides on patterns that "
      + "mean nothing to a person. Overinterprets: accuracy on its \(results.subsetText) subsets within two points of "
      + "whole images, and more than twice that on random pixels, by more than chance; all three over the same images, "
      + "weighted, without those of the blank image’s class. Leans on few pixels: at least half of that on whole images and "
      + "more than twice that on random pixels. "
      + (results.features.isEmpty || results.features.contains { $0 == nil }
        ? "" : "A feature decides alone: see “\(DecidingFeatures.title)”. ")
      + results.populationText
      + (images < 30
        ? " \(images) images are few: intervals are wide, and models should not be ranked on them."
        : "")
  }
}

import Reports
import Statistics

/// What an audit amounts to, in words that need no knowledge of the method: in a line for all, and in a
/// sentence or two a model.
package enum Verdict {
  /// One sentence per model.
  package static func sentences(_ results: AuditResults) -> [String] {
    results.models.indices.map { model in
      let hasNone = results.value(of: DecidingFeatures.self)?.models[model].found.sufficient.isEmpty
      return "\(results.models[model].name): \(word(results, model)). \(facts(results, model))"
        + (hasNone ?? false ? " No feature decides alone." : "")
    }
  }

  /// One model's facts with how to take them.
  static func finding(_ results: AuditResults, _ model: Int) -> Finding {
    Finding(status(results, model), facts(results, model), word: word(results, model))
  }

  /// The same in few words, for a line among many.
  static func shortFinding(_ results: AuditResults, _ model: Int) -> Finding {
    Finding(status(results, model), need(results, model), word: word(results, model))
  }

  /// Says what a few pixels are worth to a model, and how few it needs.
  private static func facts(_ results: AuditResults, _ model: Int) -> String {
    var text = ""
    if let same = sameImages(results, model) {
      let isAsGood = status(results, model) == .bad
      let whole = percent(same.full.mean, decimals: 0)
      text +=
        "Right on \(interval(same.subset, decimals: 0)) of \(same.full.n) images from the \(results.subsetText) of "
        + "pixels that count most, "
        + (isAsGood ? "as often as on whole images (\(whole))" : "against \(whole) on whole images")
        + " and \(interval(same.random, decimals: 0)) on random pixels. "
    }
    return text + need(results, model) + features(results, model)
  }

  /// Says how few pixels a model needs, of images that need any.
  private static func need(_ results: AuditResults, _ model: Int) -> String {
    guard let threshold = results.shownThreshold,
      let median = results.medianNeeded(model, threshold)
    else {
      return "No audited image that it is sure of needs any pixel, or it is sure of none."
    }
    return
      "Of \(results.needed(model, threshold).count) that it is \(thresholdPercent(threshold)) sure of, half need at most "
      + "\(percent(median)) of the image."
  }

  /// What a blank image is to the models; images of that answer are not among those compared.
  static func blankNote(_ results: AuditResults) -> String {
    let classes = results.models.indices.compactMap { model in
      results.confidentBlank(model).map { (model, results.plan.className($0.predictedClass)) }
    }
    guard let first = classes.first?.1 else { return "" }
    let isSame = classes.allSatisfy { $0.1 == first }
    if isSame, classes.count == results.models.count {
      return
        "A blank image is “\(first)” to \(classes.count == 1 ? "it" : "all"); images called that are left out."
    }
    let parts = classes.map { "“\($1)” to \(results.models[$0].name)" }
    return "A blank image is \(briefly(parts)); images called that are left out."
  }

  /// What brackets are.
  static var intervalNote: String {
    "Brackets and thin lines: the \(levelText) confidence interval."
  }

  /// Says which components of features suffice alone; empty where they were not looked for.
  private static func features(_ results: AuditResults, _ model: Int) -> String {
    guard let value = results.value(of: DecidingFeatures.self)?.models[model] else { return "" }
    let suspect = value.found.sufficient.filter { $0.component.label != .core }
    guard let first = suspect.first else {
      return value.found.sufficient.isEmpty
        ? "" : " Features that decide alone are all called part of their class."
    }
    let others =
      suspect.count == 1 ? "" : ", and \(suspect.count - 1) more do so for their classes"
    return " A feature decides alone: patches of it (component \(first.component.index)) turn "
      + "\(percent(first.component.flipRate?.mean ?? 0, decimals: 0)) of other images into "
      + "“\(first.known.name)”\(others)."
  }
}

import Figures
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

  static func word(_ results: AuditResults, _ model: Int) -> String {
    switch status(results, model) {
    case .bad: "overinterprets"
    case .concern:
      carriesByPixels(results, model) ? "leans on few pixels" : "a feature decides alone"
    case .neutral: "no overinterpretation seen"
    case .good, .inconclusive, .notRun:
      results.evaluations == nil ? "not measured" : "too few images to say"
    }
  }

  /// The same in few words, for a line among many.
  static func shortFinding(_ results: AuditResults, _ model: Int) -> Finding {
    Finding(status(results, model), need(results, model), word: word(results, model))
  }

  /// Says what a few pixels are worth to a model, and how few it needs.
  private static func facts(_ results: AuditResults, _ model: Int) -> String {
    var text = ""
    if let same = results.value(of: SubsetConfidence.self)?.models[model].sameImages {
      let isAsGood = status(results, model) == .bad
      text +=
        "Right on \(interval(same.subset, decimals: 0)) of \(same.full.n) images from the \(results.subsetText) of "
        + "pixels that count most, \(isAsGood ? "as often as" : "against \(percent(same.full.mean, decimals: 0))") on "
        + "whole images\(isAsGood ? " (\(percent(same.full.mean, decimals: 0)))" : "") and "
        + "\(interval(same.random, decimals: 0)) on random pixels. "
    }
    return text + need(results, model) + features(results, model)
  }

  /// Says how few pixels a model needs where it is surest, of images that need any.
  private static func need(_ results: AuditResults, _ model: Int) -> String {
    guard
      let surest = results.thresholds.last(where: {
        results.neededSizes(model, $0).count >= MeanEstimate.fewest
      }), let median = results.medianNeeded(model, surest)
    else {
      return "It is not sure enough of the audited images to say how few pixels it needs."
    }
    return
      "Of \(results.neededSizes(model, surest).count) that it is \(thresholdPercent(surest)) sure of, half need at most "
      + "\(percent(median)) of the image."
  }

  /// What a blank image is to the models: images of that answer count nowhere on the first page.
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

  // MARK: Status

  /// Of fewer images nothing is said of a model.
  private static let fewestJudged = 10

  /// Whether a few chosen pixels carry the accuracy of the whole image while random ones do not: the
  /// paper's sign of overinterpretation.
  ///
  /// `rule` states it. Limits of one's own come with a policy.
  static func status(_ results: AuditResults, _ model: Int) -> Status {
    let isShortcut =
      (results.value(of: DecidingFeatures.self)?.models[model].sufficient ?? 0) > 0
    guard let same = results.value(of: SubsetConfidence.self)?.models[model].sameImages,
      same.subset.n >= fewestJudged
    else { return isShortcut ? .concern : .inconclusive }
    let (accuracy, full) = (same.subset.mean, same.full.mean)
    if accuracy >= full - 0.02, same.random.mean < accuracy / 2 { return .bad }
    return carriesByPixels(results, model) || isShortcut ? .concern : .neutral
  }

  /// Whether chosen pixels are worth at least half of the image's accuracy, and twice that of random ones.
  private static func carriesByPixels(_ results: AuditResults, _ model: Int) -> Bool {
    results.value(of: SubsetConfidence.self)?.models[model].sameImages.map {
      $0.subset.n >= fewestJudged && $0.subset.mean >= $0.full.mean / 2
        && $0.random.mean < $0.subset.mean / 2
    } ?? false
  }

  /// When a model is taken how.
  static func rule(_ results: AuditResults) -> String {
    let few = results.plan.sample.images.count < 30
    return
      "A model that is right on a few chosen pixels, where random pixels say nothing, decides on patterns that "
      + "mean nothing to a person. Overinterprets: accuracy on its \(results.subsetText) subsets within two points of "
      + "whole images and more than twice that on random pixels, all three over the same images, weighted, without "
      + "those of the blank image’s class. Leans on few pixels: at least half of it, likewise. "
      + (results.features.isEmpty || results.features.contains { $0 == nil }
        ? "" : "A feature decides alone: see “\(DecidingFeatures.title)”. ")
      + results.populationText
      + (few ? " That is few: intervals are wide, and models should not be ranked on them." : "")
  }

  static func intervalNote(_ results: AuditResults) -> String {
    "Brackets and thin lines: the \(levelText) confidence interval."
  }

  // MARK: Answer

  /// How sure it is that chosen pixels are worth more than random ones, and which model is worse.
  static func certainty(_ results: AuditResults) -> String {
    let known = results.models.indices.compactMap {
      results.value(of: SubsetConfidence.self)?.models[$0].sameImages
    }
    guard !known.isEmpty else { return "How sure: nothing was measured that could say." }
    guard known.allSatisfy({ $0.subset.low != nil && $0.random.high != nil }) else {
      return "How sure: too few images to say."
    }
    func low(_ value: SubsetConfidence.SameImages) -> Double { value.subset.low ?? 0 }
    func high(_ value: SubsetConfidence.SameImages) -> Double { value.subset.high ?? 1 }
    let least = known.map(low).min() ?? 0
    let random = known.map { $0.random.high ?? 1 }.max() ?? 1
    let text =
      least > random
      ? "How sure: that \(known.count == 1 ? "it rests" : "they rest") on few pixels is certain (right on at least "
        + "\(percent(least, decimals: 0)) from chosen ones, on at most \(percent(random, decimals: 0)) from random ones)."
      : "How sure: not; chosen pixels (right on at least \(percent(least, decimals: 0))) may be worth no more than "
        + "random ones (at most \(percent(random, decimals: 0)))."
    let scope = " All of it is about images like these."
    guard known.count > 1 else { return text + scope }
    let overlap = (known.map(low).max() ?? 0) <= (known.map(high).min() ?? 1)
    return text
      + (overlap
        ? " Which is worst is not: their intervals overlap." : " So is that they differ.") + scope
  }

  /// Whether the models may go to production, as far as an audit can say.
  static func answer(_ results: AuditResults, _ gate: Gate) -> Finding {
    let deciding = gate.rows.filter(gate.decides)
    let failed = deciding.filter { $0.status == .failed }
    if !failed.isEmpty {
      return Finding(
        .bad, "\(checks(failed.count)) of \(gate.policy) failed: \(list(failed)).",
        word: "Not as it is")
    }
    let open = deciding.filter { $0.status != .passed }
    if !open.isEmpty {
      return Finding(
        .inconclusive,
        "\(checks(open.count)) of \(gate.policy) could not be decided: \(list(open)).",
        word: "Not decided yet")
    }
    let statuses = results.models.indices.map { status(results, $0) }
    if statuses.contains(.inconclusive), !statuses.contains(.bad) {
      return Finding(
        .inconclusive,
        results.evaluations == nil
          ? "What a few pixels are worth was not measured: \(AuditResults.notCompared)."
          : "Fewer than \(fewestJudged) images of some model could be compared: audit more (--limit).",
        word: "Not decided yet")
    }
    return found(results, gate, statuses)
  }

  /// The answer when no check of a policy stands against the models.
  private static func found(
    _ results: AuditResults, _ gate: Gate, _ statuses: [Status]
  ) -> Finding {
    func models(_ status: Status) -> String {
      let those = results.models.indices.filter { statuses[$0] == status }
      if those.count < results.models.count {
        return briefly(those.map { results.models[$0].name })
      }
      return those.count == 1 ? "the model" : "all \(those.count) models"
    }
    let limits =
      gate.isBuiltIn
      ? " This is advice: no limit was set that forbids it."
      : " The limits of \(gate.policy) are kept."
    let leaning = statuses.count { $0 == .concern }
    if statuses.contains(.bad) {
      let isOne = statuses.count { $0 == .bad } == 1
      return Finding(
        .bad,
        "A few chosen pixels are worth as much as the whole image to \(models(.bad)), so \(isOne ? "its" : "their") accuracy may "
          + "not hold on images where those pixels differ."
          + (leaning > 0
            ? " \(models(.concern)) \(leaning == 1 ? "leans" : "lean") on few pixels, too." : "")
          + limits, word: "Not yet")
    }
    if statuses.contains(.concern) {
      return Finding(
        .concern,
        "A small part of the image can be enough for a decision of \(models(.concern)): look at the pictures "
          + "before it is trusted." + limits, word: "Not without a look")
    }
    let none =
      "No sign was seen that a few pixels carry the decisions"
      + (results.models.count == 1 ? "" : " of any model")
    let warnings = gate.rows.filter { $0.status == .failed && $0.severity == .warn }
    if !warnings.isEmpty {
      var titles: [String] = []
      for row in warnings where !titles.contains(row.title.firstLowercased) {
        titles.append(row.title.firstLowercased)
      }
      return Finding(
        .concern,
        "\(none), but \(checks(warnings.count)) of the policy \(warnings.count == 1 ? "warns" : "warn"): "
          + "\(briefly(titles))." + limits, word: "With care")
    }
    return Finding(.good, none + "." + limits, word: "Nothing found here speaks against it")
  }

  private static func checks(_ count: Int) -> String {
    count == 1 ? "1 check" : "\(count) checks"
  }

  /// The first few checks with model, value and limit.
  private static func list(_ rows: [Gate.Row]) -> String {
    let most = 2
    let parts = rows.prefix(most).map { row in
      row.title.firstLowercased + (row.model.map { " of \($0)" } ?? "")
        + (row.value == nil
          ? " (\(row.reason))" : " is \(row.valueText), limit \(row.limit)")
    }
    return parts.joined(separator: "; ")
      + (rows.count > most ? "; and \(rows.count - most) more" : "")
  }
}

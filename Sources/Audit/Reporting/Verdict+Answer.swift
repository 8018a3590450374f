import Reports

/// Whether the models may go to production, as far as an audit can say, and how sure that is.
extension Verdict {
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
    return found(results, gate)
  }

  /// The answer when no check of a policy stands against the models.
  private static func found(_ results: AuditResults, _ gate: Gate) -> Finding {
    let statuses = results.models.indices.map { status(results, $0) }
    func models(_ status: Status) -> String {
      let those = results.models.indices.filter { statuses[$0] == status }
      if those.count < results.models.count {
        return briefly(those.map { results.models[$0].name })
      }
      return those.count == 1 ? "the model" : "all \(those.count) models"
    }
    let leaning = statuses.count { $0 == .concern }
    if statuses.contains(.bad) {
      let isOne = statuses.count { $0 == .bad } == 1
      return Finding(
        .bad,
        "A few chosen pixels are worth as much as the whole image to \(models(.bad)), so \(isOne ? "its" : "their") "
          + "accuracy may not hold on images where those pixels differ."
          + others(results, statuses) + limits(gate), word: "Not yet")
    }
    if let model = results.models.indices.first(where: { statuses[$0] == .inconclusive }) {
      return Finding(
        .inconclusive,
        "Of \(models(.inconclusive)) nothing can be said: \(reasonAgainst(results, model) ?? "not measured").",
        word: "Not decided yet")
    }
    if leaning > 0 {
      return Finding(
        .concern,
        "A small part of the image can be enough for a decision of \(models(.concern)): look at the pictures "
          + "before it is trusted." + limits(gate), word: "Not without a look")
    }
    let none =
      "No sign was seen that chosen pixels carry the decisions"
      + (results.models.count == 1 ? "" : " of any model")
    let warnings = gate.rows.filter { $0.status == .failed && $0.severity == .warn }
    if !warnings.isEmpty {
      return Finding(
        .concern,
        "\(none), but \(checks(warnings.count)) of the policy \(warnings.count == 1 ? "warns" : "warn"): "
          + "\(titles(warnings))." + limits(gate), word: "With care")
    }
    let undecided = gate.rows.filter { $0.status != .passed && $0.severity != .info }
    if !undecided.isEmpty {
      return Finding(
        .concern, "\(none), but undecided or not measured: \(titles(undecided))." + limits(gate),
        word: "With care")
    }
    return Finding(.good, none + "." + limits(gate), word: "Nothing found here speaks against it")
  }

  /// Models to be looked at, beside those that overinterpret.
  private static func others(_ results: AuditResults, _ statuses: [Status]) -> String {
    let those = results.models.indices.filter { statuses[$0] == .concern }
    func names(_ isPixels: Bool) -> [String] {
      those.filter { carriesByPixels(results, $0) == isPixels }.map { results.models[$0].name }
    }
    let (pixels, features) = (names(true), names(false))
    return
      (pixels.isEmpty
      ? "" : " \(briefly(pixels)) \(pixels.count == 1 ? "leans" : "lean") on few pixels, too.")
      + (features.isEmpty ? "" : " In \(briefly(features)) a feature decides alone.")
  }

  /// What the policy adds to an answer that it does not give.
  private static func limits(_ gate: Gate) -> String {
    if gate.isBuiltIn { return " This is advice: no limit was set that forbids it." }
    let open = gate.rows.count { $0.status != .passed }
    return open == 0
      ? " All limits of \(gate.policy) are kept."
      : " No limit of \(gate.policy) that decides is missed; \(checks(open)) did not pass."
  }

  private static func titles(_ rows: [Gate.Row]) -> String {
    var found: [String] = []
    for row in rows where !found.contains(row.title.firstLowercased) {
      found.append(row.title.firstLowercased)
    }
    return briefly(found)
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

  // MARK: Certainty

  /// How sure it is that chosen pixels are worth more than random ones, and that models differ.
  static func certainty(_ results: AuditResults) -> String {
    let judged = results.models.indices.compactMap {
      model -> (String, SubsetConfidence.SameImages)? in
      guard let same = sameImages(results, model), same.subset.n >= fewestJudged else { return nil }
      return (results.models[model].name, same)
    }
    guard judged.count == results.models.count else { return "How sure: too few images to say." }
    let sure = judged.filter { isSurelyMore($0.1) }
    let scope = " All of it is about images like these."
    if sure.isEmpty {
      return "How sure: whether chosen pixels are worth more than random ones may be chance."
        + scope
    }
    let whom =
      sure.count < judged.count
      ? " for \(briefly(sure.map(\.0))), and for no other"
      : judged.count > 1 ? " for every model" : ""
    let text =
      "How sure: that chosen pixels are worth more than random ones is certain\(whom) (right on at least "
      + "\(percent(sure.compactMap(\.1.subset.low).min() ?? 0, decimals: 0)), against at most "
      + "\(percent(sure.compactMap(\.1.random.high).max() ?? 1, decimals: 0)))."
    guard judged.count > 1 else { return text + scope }
    let lows = judged.compactMap(\.1.subset.low)
    let highs = judged.compactMap(\.1.subset.high)
    let overlap = (lows.max() ?? 0) <= (highs.min() ?? 1)
    return text
      + (overlap
        ? " Which model rests on them most is not decided: their intervals overlap."
        : " That some models rest on them more than others is certain, too.") + scope
  }
}

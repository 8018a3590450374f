import Foundation

extension Gate {
  /// What a policy's limits are compared with.
  package struct Evidence: Sendable {
    package let numbers: AuditNumbers
    package let baseline: AuditNumbers?
    /// Changes known image by image, which are surer than differences of means.
    package let comparison: Comparison?

    package init(
      _ numbers: AuditNumbers, baseline: AuditNumbers? = nil, comparison: Comparison? = nil
    ) {
      self.numbers = numbers
      self.baseline = baseline
      self.comparison = comparison
    }
  }

  package init(_ policy: Policy, _ evidence: Evidence, failOn: Policy.Severity = .fail) {
    self.init(
      policy: policy.name, rows: policy.checks.flatMap { Gate.rows($0, evidence) },
      failOn: failOn)
  }

  private static func rows(_ check: Policy.Check, _ evidence: Evidence) -> [Row] {
    func notRun(_ reason: String) -> [Row] {
      [row(check, AuditNumbers.Found(threshold: check.threshold), nil, .notRun, reason)]
    }
    let all: [AuditNumbers.Found]
    switch evidence.numbers.find(check.metric) {
    case .found(let found): all = found
    case .notRun(let reason): return notRun(reason)
    case .unknown(let nearest):
      return notRun(
        "audit.json has no number of that name" + (nearest.map { "; nearest is \($0)" } ?? ""))
    }
    let models = all.filter { $0.model.map { fnmatch(check.models, $0, 0) == 0 } ?? true }
    guard !models.isEmpty else {
      return notRun("no audited model matches '\(check.models)'")
    }
    let found = models.filter { found in
      guard let wanted = check.threshold, let threshold = found.threshold else { return true }
      return abs(wanted - threshold) < 1e-9
    }
    guard !found.isEmpty else {
      let known = evidence.numbers.thresholds.map(thresholdText).joined(separator: ", ")
      return notRun("the audit has no such threshold, only \(known) (--thresholds)")
    }
    return found.map { judge(check, $0, evidence) }
  }

  private static func row(
    _ check: Policy.Check, _ found: AuditNumbers.Found, _ baseline: Double?, _ status: Row.Status,
    _ reason: String, change: Quantity? = nil
  ) -> Row {
    Row(
      metric: check.metric, model: found.model, threshold: found.threshold, value: found.value,
      low: found.low, high: found.high, baseline: baseline, change: change?.value,
      changeLow: change?.low, changeHigh: change?.high,
      limit: check.bounds.map { $0.text(check.metric) }.joined(separator: ", "),
      severity: check.severity, status: status, reason: reason, why: check.why, line: check.line)
  }

  private static func judge(
    _ check: Policy.Check, _ found: AuditNumbers.Found, _ evidence: Evidence
  ) -> Row {
    guard let value = found.value else {
      return row(check, found, nil, .notRun, "too few images to tell: null in audit.json")
    }
    var baseline: AuditNumbers.Found?
    if check.bounds.contains(where: \.needsBaseline) {
      guard let numbers = evidence.baseline else {
        return row(check, found, nil, .notRun, "it takes a --baseline")
      }
      baseline = evidence.counterpart(of: found, check.metric, in: numbers)
      guard baseline?.value != nil else {
        return row(check, found, nil, .notRun, "the baseline has no such number")
      }
    }
    // Image by image where that is known, otherwise as of independent samples.
    let paired = evidence.comparison?.change(
      metric: check.metric, model: found.model, threshold: found.threshold)
    let change =
      paired.map { Quantity(value: $0.mean, low: $0.low, high: $0.high) }
      ?? Quantity(found, value).minus(share: 1, of: baseline)
    let verdicts = check.bounds.map { bound in
      bound.judge(found, value, baseline, change, metric: check.metric)
    }
    // The worst of several limits counts.
    let worst =
      [Row.Status.failed, .inconclusive].lazy
      .compactMap { status in verdicts.first { $0.status == status } }.first
    return row(
      check, found, baseline?.value, worst?.status ?? .passed, worst?.reason ?? "",
      change: check.bounds.contains { $0.kind == .maxDrop || $0.kind == .maxRise } ? change : nil)
  }
}

extension Gate.Evidence {
  /// The same number in the baseline: by model name, or the only model of each.
  fileprivate func counterpart(
    of found: AuditNumbers.Found, _ metric: String, in baseline: AuditNumbers
  ) -> AuditNumbers.Found? {
    guard case .found(let all) = baseline.find(metric) else { return nil }
    let sameThreshold = all.filter { candidate in
      guard let a = candidate.threshold, let b = found.threshold else {
        return candidate.threshold == found.threshold
      }
      return abs(a - b) < 1e-9
    }
    if let same = sameThreshold.first(where: { $0.model == found.model }) { return same }
    let areSingle = numbers.models.count == 1 && baseline.models.count == 1
    return areSingle ? sameThreshold.first : nil
  }
}

extension Policy.Bound {
  fileprivate func judge(
    _ found: AuditNumbers.Found, _ value: Double, _ baseline: AuditNumbers.Found?,
    _ change: Quantity, metric: String
  ) -> (status: Gate.Row.Status, reason: String) {
    let base = baseline?.value ?? 0
    switch kind {
    case .min, .max:
      let share = isRelative ? amount : 0
      let quantity = Quantity(found, value).minus(share: share, of: baseline)
      return quantity.judge(
        kind == .min ? .atLeast : .atMost, isRelative ? 0 : amount,
        shift: share * base, metric)
    case .maxDrop, .maxRise:
      let allowed = isRelative ? amount * abs(base) : amount
      return kind == .maxDrop
        ? change.judge(.atLeast, -allowed, shift: 0, metric, isChange: true)
        : change.judge(.atMost, allowed, shift: 0, metric, isChange: true)
    }
  }
}

/// A number with its interval, when it has one.
private struct Quantity {
  enum Side { case atLeast, atMost }

  let value: Double
  let low: Double?
  let high: Double?

  init(value: Double, low: Double?, high: Double?) {
    self.value = value
    self.low = low
    self.high = high
  }

  init(_ found: AuditNumbers.Found, _ value: Double) {
    self.init(value: value, low: found.low, high: found.high)
  }

  /// The difference from a multiple of the baseline's number, as of independent samples.
  func minus(share: Double, of baseline: AuditNumbers.Found?) -> Quantity {
    guard share != 0, let baseline, let base = baseline.value else { return self }
    let difference = value - share * base
    func side(_ own: Double?, _ other: Double?) -> Double {
      let a = own.map { $0 - value } ?? 0
      let b = other.map { share * ($0 - base) } ?? 0
      return (a * a + b * b).squareRoot()
    }
    guard low != nil || baseline.low != nil else {
      return Quantity(value: difference, low: nil, high: nil)
    }
    return Quantity(
      value: difference, low: difference - side(low, baseline.high),
      high: difference + side(high, baseline.low))
  }

  /// `shift`: what was subtracted, to say the limit in the metric's own terms.
  func judge(
    _ side: Side, _ limit: Double, shift: Double, _ metric: String, isChange: Bool = false
  ) -> (status: Gate.Row.Status, reason: String) {
    let (least, most) = (low ?? value, high ?? value)
    let text = Metric.text(value + shift, of: metric)
    let limitText = Metric.text(limit + shift, of: metric)
    let subject = isChange ? "the change of \(text)" : text
    // Limits are decimal numbers: 0.05 is met by 0.05 however it was computed.
    let tolerance = 1e-9 * max(1, abs(limit))
    let (isMet, isMissed) =
      side == .atLeast
      ? (least >= limit - tolerance, most < limit - tolerance)
      : (most <= limit + tolerance, least > limit + tolerance)
    if isMet { return (.passed, "") }
    let word = side == .atLeast ? "below" : "above"
    if isMissed { return (.failed, "\(subject) is \(word) \(limitText)") }
    return (
      .inconclusive,
      "the limit \(limitText) lies inside the 95% interval "
        + "[\(Metric.text(least + shift, of: metric)), \(Metric.text(most + shift, of: metric))]; "
        + "audit more images (--limit)"
    )
  }
}

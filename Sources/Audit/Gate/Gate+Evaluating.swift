import Foundation
import Statistics

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
    let rows = IntervalLevel.$current.withValue(evidence.numbers.intervalLevel) {
      policy.checks.enumerated().flatMap { Gate.rows($1, number: $0, evidence) }
    }
    self.init(policy: policy.name, rows: rows, failOn: failOn)
  }

  private static func rows(
    _ check: Policy.Check, number: Int, _ evidence: Evidence
  ) -> [Row] {
    func notRun(_ reason: String) -> [Row] {
      let nothing = AuditNumbers.Found(threshold: check.threshold)
      return [Row(check, number, nothing, status: .notRun, reason: reason)]
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
    return found.map { judge(check, number, $0, evidence) }
  }

  private static func judge(
    _ check: Policy.Check, _ number: Int, _ found: AuditNumbers.Found, _ evidence: Evidence
  ) -> Row {
    guard let value = found.value else {
      return Row(
        check, number, found, status: .notRun,
        reason: found.reason
          ?? (found.threshold == nil ? "the audit has no such number" : "too few images to tell"))
    }
    let isSampled = Metric.isSampled(check.metric)
    let own = Quantity(found, value, isSampled: isSampled)
    var baseline: Double?
    var change: Quantity?
    // More images of this audit alone do not make the baseline surer.
    var canBeDecided = true
    if check.bounds.contains(where: \.needsBaseline) {
      switch evidence.baseline(of: found, check.metric) {
      case .failure(let reason):
        return Row(check, number, found, status: .notRun, reason: reason.text)
      case .success(let counterpart):
        baseline = counterpart.value
        let then = Quantity(counterpart, counterpart.value ?? 0, isSampled: isSampled)
        // Image by image where that is known, otherwise as of independent samples.
        let paired = evidence.comparison?.change(
          metric: check.metric, model: found.model, threshold: found.threshold)
        change = paired.map { Quantity($0) } ?? own - then
        canBeDecided = paired != nil
      }
    }
    let verdicts = check.bounds.map { bound in
      bound.judge(own, change ?? own, baseline: baseline ?? 0, metric: check.metric)
    }
    // The worst of several limits counts.
    let worst =
      [Row.Status.failed, .inconclusive].lazy
      .compactMap { status in verdicts.first { $0.status == status } }.first
    // Decided is what every limit decides.
    let growth = verdicts.filter { $0.status == .inconclusive }.map(\.growth).max()
    let audited = Double(evidence.numbers.auditedImages)
    var row = Row(
      check, number, found, baseline: baseline, change: change, status: worst?.status ?? .passed,
      reason: worst?.reason ?? "")
    // Numbers of more images than were audited do not change with --limit.
    let isOfAudited = found.n.map { Double($0) <= audited } ?? true
    if canBeDecided, isOfAudited, worst?.status == .inconclusive, let growth, growth.isFinite,
      growth < 1e6
    {
      // The small allowance keeps three times a hundred at 300.
      row.moreImages = Int(((growth - 1) * audited / 10 - 1e-6).rounded(.up)) * 10
    }
    return row
  }
}

extension Gate.Row {
  fileprivate init(
    _ check: Policy.Check, _ number: Int, _ found: AuditNumbers.Found, baseline: Double? = nil,
    change: Quantity? = nil, status: Status, reason: String
  ) {
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    self.init(
      check: number, metric: check.metric, model: found.model, threshold: found.threshold,
      value: found.value, low: found.low, high: found.high, baseline: baseline,
      change: change?.value, changeLow: finite(change?.low), changeHigh: finite(change?.high),
      limit: check.bounds.map { $0.text(check.metric) }.joined(separator: ", "),
      severity: check.severity, status: status, reason: reason, why: check.why, line: check.line)
  }
}

extension Gate.Evidence {
  struct Reason: Error {
    let text: String
  }

  /// The same number in the baseline: by model name, or the only model of each.
  fileprivate func baseline(
    of found: AuditNumbers.Found, _ metric: String
  ) -> Result<AuditNumbers.Found, Reason> {
    guard let baseline else { return .failure(Reason(text: Gate.takesBaseline)) }
    // Sizes of different methods are never compared.
    if let reason = numbers.reasonAgainst(baseline, for: metric) {
      return .failure(Reason(text: "the baseline cannot be compared: \(reason)"))
    }
    guard case .found(let all) = baseline.find(metric) else {
      return .failure(Reason(text: "the baseline has no such number"))
    }
    let same = all.filter { candidate in
      guard let a = candidate.threshold, let b = found.threshold else {
        return candidate.threshold == found.threshold
      }
      return abs(a - b) < 1e-9
    }
    let areSingle = numbers.models.count == 1 && baseline.models.count == 1
    let counterpart = same.first { $0.model == found.model } ?? (areSingle ? same.first : nil)
    guard let counterpart, counterpart.value != nil else {
      return .failure(Reason(text: "the baseline has no such number"))
    }
    return .success(counterpart)
  }
}

extension Gate {
  /// Why a limit against a baseline did not run without one.
  package static let takesBaseline = "it takes a --baseline"
}

extension AuditNumbers {
  /// Why a number is not comparable with another audit's; nil when it is.
  ///
  /// What they must agree in follows from the measurement.
  func reasonAgainst(_ other: AuditNumbers, for metric: String) -> String? {
    let names: [String]
    switch Metric.comparability(of: metric) {
    case .always: return nil
    case .sameMask: names = []
    case .sameSubsets: names = ["subset_fraction"]
    case .sameSearch:
      names = ["method", "score", "search", "block", "unit", "subset_fraction"]
    }
    if let setting = names.first(where: { settings[$0] != other.settings[$0] }) {
      return "'\(setting)' differs between the audits"
    }
    for (model, mask) in chosenMasks {
      let before =
        other.chosenMasks[model]
        ?? (other.chosenMasks.count == 1 ? other.chosenMasks.values.first : nil)
      if let before, before != mask { return "the masks of \(model) differ" }
    }
    return imageSize == other.imageSize ? nil : "the models take images of different sizes"
  }
}

extension Policy.Bound {
  /// `own`: the number itself; `change`: since the baseline.
  fileprivate func judge(
    _ own: Quantity, _ change: Quantity, baseline: Double, metric: String
  ) -> Quantity.Judgement {
    // A share of the baseline is a limit on the change: at least 90% of it is a drop by a tenth.
    let size = abs(baseline)
    return switch (kind, isRelative) {
    case (.min, false): own.judge(.atLeast, amount, metric, isChange: false)
    case (.max, false): own.judge(.atMost, amount, metric, isChange: false)
    case (.min, true): change.judge(.atLeast, (amount - 1) * size, metric, isChange: true)
    case (.max, true): change.judge(.atMost, (amount - 1) * size, metric, isChange: true)
    case (.maxDrop, _):
      change.judge(.atLeast, -amount * (isRelative ? size : 1), metric, isChange: true)
    case (.maxRise, _):
      change.judge(.atMost, amount * (isRelative ? size : 1), metric, isChange: true)
    }
  }
}

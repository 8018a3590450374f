/// An audit held against a policy.
package struct Gate: Codable, Equatable, Sendable {
  /// What the checks that decide amount to.
  package enum Outcome: String, Codable, Sendable {
    case passed, failed, inconclusive

    /// 0, 1 or 2.
    package var exitCode: Int32 {
      switch self {
      case .passed: 0
      case .failed: 1
      case .inconclusive: 2
      }
    }
  }

  /// What became of one check for one model and threshold.
  package struct Row: Equatable, Sendable, Codable {
    /// What became of a check; what did not run was not passed.
    package enum Status: String, Codable, Sendable {
      case passed, failed, inconclusive
      case notRun = "not_run"
    }

    /// Its place in the policy, from 0.
    package let check: Int
    package let metric: String
    @OrNull package var model: String?
    @OrNull package var threshold: Double?
    @OrNull package var value: Double?
    @OrNull package var low: Double?
    @OrNull package var high: Double?
    @OrNull package var baseline: Double?
    /// Since the baseline, where a limit is on the change.
    @OrNull package var change: Double?
    @OrNull package var changeLow: Double?
    @OrNull package var changeHigh: Double?
    /// In words.
    package let limit: String
    package let severity: Policy.Severity
    package let status: Status
    /// Why it did not pass; empty when it passed.
    package let reason: String
    package let why: String
    package let line: Int
    /// About how many more images would decide it, if the number stays what it is; nil where it is decided
    /// or nothing can be told.
    @OrNull package var moreImages: Int?

    private enum CodingKeys: String, CodingKey {
      case check, metric, model, threshold, value, low, high, baseline, change, limit, severity,
        status
      case reason, why, line
      case changeLow = "change_low"
      case changeHigh = "change_high"
      case moreImages = "more_images"
    }
  }

  package let policy: String
  package let rows: [Row]
  /// The severity from which on a check decides the outcome.
  package let failOn: Policy.Severity

  package init(policy: String, rows: [Row], failOn: Policy.Severity) {
    self.policy = policy
    self.rows = rows
    self.failOn = failOn
  }

  /// Whether a row can keep the audit from passing.
  package func decides(_ row: Row) -> Bool {
    row.severity == .fail || (failOn == .warn && row.severity == .warn)
  }

  package var outcome: Outcome {
    let deciding = rows.filter(decides)
    if deciding.contains(where: { $0.status == .failed }) { return .failed }
    // What did not run is not passed, nor is nothing at all.
    if rows.isEmpty { return .inconclusive }
    return deciding.allSatisfy { $0.status == .passed } ? .passed : .inconclusive
  }

  /// Rows that more images may decide: those that are inconclusive, or lack a number that the audit
  /// measures.
  ///
  /// `earlier`: the same policy's with fewer images; what has not moved since is not helped by more.
  package func undecided(since earlier: Gate?) -> [Row] {
    rows.filter { row in
      let isOpen =
        row.status == .inconclusive
        || (row.status == .notRun && row.value == nil && row.model != nil)
      return isOpen && !(row.value != nil && earlier?.rows.contains(row) ?? false)
    }
  }

  /// The outcome in a sentence.
  package var sentence: String {
    func count(_ status: Row.Status, _ decides: Bool) -> Int {
      rows.count { $0.status == status && self.decides($0) == decides }
    }
    var parts: [String] = []
    func add(_ number: Int, _ words: String) {
      if number > 0 { parts.append("\(number) \(words)") }
    }
    add(rows.count { $0.status == .passed }, "passed")
    add(count(.failed, true), "failed")
    add(count(.failed, false), "with a warning")
    add(rows.count { $0.status == .inconclusive }, "inconclusive")
    add(rows.count { $0.status == .notRun }, "not run")
    guard !rows.isEmpty else { return "No check of \(isBuiltIn ? "the \(policy)" : policy)." }
    let checks = rows.count == 1 ? "1 check" : "\(rows.count) checks"
    return "\(checks) of the \(isBuiltIn ? policy : "policy \(policy)"): \(listed(parts))."
  }

  package var isBuiltIn: Bool { policy == Policy.builtIn.name }
}

extension Gate.Row {
  /// Metric and threshold as policies write them.
  package var path: String {
    metric + (threshold.map { " at τ = \(thresholdText($0))" } ?? "")
  }

  /// The same as people say it.
  package var title: String { Metric.plainName(of: metric, threshold: threshold) }

  /// The value with its interval, as text.
  package var valueText: String {
    guard let value else { return "–" }
    var text = Metric.measuredText(value, of: metric)
    if let low, let high {
      text += " [\(Metric.text(low, of: metric)), \(Metric.text(high, of: metric))]"
    }
    guard let change else { return text }
    let interval = changeLow.flatMap { low in changeHigh.map { (low: low, high: $0) } }
    return text + ", change "
      + (change > 0 ? "+" : "") + Metric.changeText(change, interval: interval, of: metric)
  }

  /// The status as one word, with warnings told from failures.
  package func word(decides: Bool) -> String {
    switch status {
    case .passed: "passed"
    case .failed: decides ? "failed" : severity == .info ? "noted" : "warning"
    case .inconclusive: "inconclusive"
    case .notRun: "not run"
    }
  }
}

import Foundation
import History
import SharedWork

/// What an audit amounts to: held against a policy, a baseline and earlier runs.
///
/// Stored beside the records, so that the report can be rendered again without them.
package struct Assessment: Codable, Equatable, Sendable {
  package static let currentVersion = 1

  package var version = currentVersion
  /// Digest of the plan of the audit it is about.
  package let planDigest: String
  package let policyName: String
  package let policyText: String
  /// The baseline's `audit.json`, so that limits against it can be judged again when its folder holds
  /// something else.
  @OrNull package var baselineAudit: Data?
  package let gate: Gate
  @OrNull package var comparison: Comparison?
  @OrNull package var trends: Trends?

  /// What to hold an audit against.
  package struct Criteria: Sendable {
    package var policy: Policy
    package var failOn: Policy.Severity
    package var baseline: Baseline?
    /// SQLite file to add the run to.
    package var history: String?
    /// An earlier assessment of the same audit, whose comparison and trends hold where nothing else is
    /// stated.
    package var earlier: Assessment?

    package init(
      policy: Policy = .builtIn, failOn: Policy.Severity = .fail, baseline: Baseline? = nil,
      history: String? = nil, earlier: Assessment? = nil
    ) {
      self.policy = policy
      self.failOn = failOn
      self.baseline = baseline
      self.history = history
      self.earlier = earlier
    }
  }

  /// Judges a finished audit; the history is not touched.
  ///
  /// - Throws: `AuditError`.
  package init(
    _ results: AuditResults, sections: [MeasuredSection], _ criteria: Criteria = Criteria()
  ) throws {
    let numbers = try AuditNumbers(results, sections: sections)
    let earlier = criteria.earlier
    planDigest = try results.plan.storedDigest
    policyName = criteria.policy.name
    policyText = criteria.policy.text
    let audit = criteria.baseline?.audit ?? earlier?.baselineAudit
    let comparison =
      try criteria.baseline.map { baseline in
        try results.withIntervalLevel { try Comparison(results, baseline) }
      } ?? earlier?.comparison
    let baseline = try audit.map { try AuditNumbers($0, path: "the baseline's audit.json") }
    gate = Gate(
      criteria.policy, Gate.Evidence(numbers, baseline: baseline, comparison: comparison),
      failOn: criteria.failOn)
    _baselineAudit = OrNull(wrappedValue: audit)
    _comparison = OrNull(wrappedValue: comparison)
    _trends = OrNull(wrappedValue: earlier?.trends?.limited(by: criteria.policy))
  }

  /// Its policy.
  ///
  /// - Throws: `AuditError.policy`.
  package var policy: Policy {
    get throws { try Policy(yaml: policyText, name: policyName) }
  }

  /// What an audit was held against before; nil when it was not.
  ///
  /// - Throws: `AuditError.record` when it cannot be read or is of another audit, rather than forgetting
  ///   a policy.
  package static func stored(_ folder: RunFolder, plan: AuditPlan) throws -> Assessment? {
    let path = folder.assessmentPath
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let stored = RecordFile.read(Assessment.self, from: path),
      stored.version == currentVersion, try stored.planDigest == plan.storedDigest
    else {
      throw AuditError.record(
        path: path, reason: "is damaged, of another audit or of another version of overinterp")
    }
    return stored
  }
}

extension Comparison {
  /// Compares a run with an earlier one.
  ///
  /// - Throws: `AuditError.incomparable`.
  package init(_ results: AuditResults, _ baseline: Baseline) throws {
    try self.init(
      results, baseline: baseline.results, baselineName: baseline.name,
      baselineDate: baseline.date)
  }
}

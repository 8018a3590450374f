import Foundation
import History

/// What an audit amounts to: held against a policy, a baseline and earlier runs.
///
/// Stored beside the records, so that the report can be rendered again without them.
package struct Assessment: Codable, Equatable, Sendable {
  package static let currentVersion = 1

  package var version = currentVersion
  package let gate: Gate
  package let comparison: Comparison?
  package let trends: Trends?

  package init(gate: Gate, comparison: Comparison? = nil, trends: Trends? = nil) {
    self.gate = gate
    self.comparison = comparison
    self.trends = trends
  }

  /// What an audit was held against before; nil when it was not.
  ///
  /// - Throws: `AuditError.record` when it cannot be read, rather than forgetting a policy.
  package static func stored(_ folder: RunFolder) throws -> Assessment? {
    let path = folder.assessmentPath
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let stored = RecordFile.read(Assessment.self, from: path),
      stored.version == currentVersion
    else {
      throw AuditError.record(
        path: path, reason: "is damaged or of another version; or state --policy, --baseline and "
          + "--history anew")
    }
    return stored
  }

  /// What to hold an audit against.
  package struct Criteria: Sendable {
    package var policy: Policy
    package var failOn: Policy.Severity
    /// Output folder of an earlier run.
    package var baseline: String?
    /// SQLite file to add the run to.
    package var history: String?

    package init(
      policy: Policy = .builtIn, failOn: Policy.Severity = .fail, baseline: String? = nil,
      history: String? = nil
    ) {
      self.policy = policy
      self.failOn = failOn
      self.baseline = baseline
      self.history = history
    }
  }

  /// Judges a finished audit, and adds it to the history.
  ///
  /// - Throws: `AuditError` or `HistoryError`.
  package init(
    _ results: AuditResults, sections: [MeasuredSection], run: RunDescription, folder: RunFolder,
    _ criteria: Criteria
  ) throws {
    let numbers = try AuditNumbers(results, sections: sections)
    var baselineNumbers: AuditNumbers?
    var comparison: Comparison?
    if let baseline = criteria.baseline {
      baselineNumbers = try AuditNumbers(path: baseline)
      comparison = try Comparison(results, baselineFolder: RunFolder(baseline))
    }
    let gate = Gate(
      criteria.policy,
      Gate.Evidence(numbers, baseline: baselineNumbers, comparison: comparison),
      failOn: criteria.failOn)
    var trends: Trends?
    if let path = criteria.history {
      let history = try History(path: path, create: true)
      try history.add(
        HistoryRun(results, numbers: numbers, gate: gate, run: run, folder: folder.path))
      trends = try Trends(history, results, criteria.policy)
    }
    self.init(gate: gate, comparison: comparison, trends: trends)
  }
}

extension Comparison {
  /// Compares a run with the one in a folder.
  ///
  /// - Throws: `AuditError`.
  package init(_ results: AuditResults, baselineFolder folder: RunFolder) throws {
    let run = FileManager.default.contents(atPath: folder.file("run.json")).flatMap {
      try? JSONDecoder().decode(RunDescription.self, from: $0)
    }
    try self.init(
      results, baseline: folder.results(),
      baselineName: URL(fileURLWithPath: folder.path).standardizedFileURL.lastPathComponent,
      baselineDate: run?.date)
  }
}

/// One audit as a history keeps it: what ran, its numbers, and what the gate said.
package struct HistoryRun: Codable, Equatable, Sendable {
  /// A model of a run: what the audit called it, and its files.
  package struct AuditedFile: Codable, Equatable, Sendable {
    package let name: String
    /// SHA-256 of its files.
    package let digest: String

    package init(name: String, digest: String) {
      self.name = name
      self.digest = digest
    }
  }

  package struct Metric: Codable, Equatable, Sendable {
    package let name: String
    package let model: String?
    package let threshold: Double?
    package let value: Double
    /// The 95% interval, when the number has one.
    package let low: Double?
    package let high: Double?

    package init(
      name: String, model: String?, threshold: Double?, value: Double, low: Double?, high: Double?
    ) {
      self.name = name
      self.model = model
      self.threshold = threshold
      self.value = value
      self.low = low
      self.high = high
    }
  }

  package struct Check: Codable, Equatable, Sendable {
    package let metric: String
    package let model: String?
    package let threshold: Double?
    package let limit: String
    package let severity: String
    package let status: String
    package let reason: String

    package init(
      metric: String, model: String?, threshold: Double?, limit: String, severity: String,
      status: String, reason: String
    ) {
      self.metric = metric
      self.model = model
      self.threshold = threshold
      self.limit = limit
      self.severity = severity
      self.status = status
      self.reason = reason
    }
  }

  /// What the database calls it; 0 before it is added.
  package var id: Int64 = 0
  /// ISO 8601.
  package let date: String
  package let version: String
  /// Name of the dataset.
  package let data: String
  /// Method, mask and size of subsets: only runs that agree in it are drawn together.
  package let method: String
  /// Digest of the plan, which with the date tells runs apart.
  package let plan: String
  package let audited: Int
  package let folder: String
  /// `passed`, `failed` or `inconclusive`.
  package let outcome: String
  package var models: [AuditedFile]
  package var metrics: [Metric]
  package var checks: [Check]

  package init(
    date: String, version: String, data: String, method: String, plan: String, audited: Int,
    folder: String, outcome: String, models: [AuditedFile], metrics: [Metric], checks: [Check]
  ) {
    self.date = date
    self.version = version
    self.data = data
    self.method = method
    self.plan = plan
    self.audited = audited
    self.folder = folder
    self.outcome = outcome
    self.models = models
    self.metrics = metrics
    self.checks = checks
  }
}

/// One number of one run, in a series over time.
package struct HistoryPoint: Codable, Equatable, Sendable {
  package let run: Int64
  package let date: String
  package let model: String?
  /// SHA-256 of the model's files.
  package let digest: String?
  package let value: Double
  package let low: Double?
  package let high: Double?
}

/// What is wrong with a history.
package enum HistoryError: Error, Equatable {
  case missing(path: String)
  case notAHistory(path: String, reason: String)
  case newer(path: String)
  case noRun(id: Int64, path: String)
  case failed(path: String, reason: String)
}

extension HistoryError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let path):
      "There is no history '\(path)'. 'overinterp audit … --history \(path)' starts one."
    case .notAHistory(let path, let reason):
      "'\(path)' is not a history of audits: \(reason)."
    case .newer(let path):
      "The history '\(path)' was written by a newer version of overinterp. Use that version."
    case .noRun(let id, let path):
      "The history '\(path)' has no run \(id). 'overinterp history list \(path)' shows those it has."
    case .failed(let path, let reason):
      "The history '\(path)' cannot be read or written: \(reason)."
    }
  }
}

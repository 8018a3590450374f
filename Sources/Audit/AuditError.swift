/// What stops an audit.
package enum AuditError: Error, Equatable {
  case unreachableThreshold(String)
  case option(name: String, reason: String)
  case record(path: String, reason: String)
  case notARunDirectory(path: String)
  case nothingFinished(path: String)
  /// An `audit.json` that cannot be read.
  case auditFile(path: String, reason: String)
  /// `place`: file and line.
  case policy(place: String, reason: String)
  /// Labels of components that cannot be read; `place`: file and row.
  case labels(place: String, reason: String)
  /// A folder without what `features` leaves; `models`: those it has, where one has to be named.
  case noFeatures(path: String, models: [String])
  /// Two runs that share nothing.
  case incomparable(String)
}

extension AuditError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreachableThreshold(let text):
      "Threshold '\(text)' is not between 0 and 1, both excluded. Use --thresholds 0.5,0.9,0.99."
    case .option(let name, let reason):
      "\(name): \(reason)" + (reason.hasSuffix("?") ? "" : ".")
    case .record(let path, let reason):
      "Record '\(path)' \(reason). Run the audit again: it makes what is missing."
    case .notARunDirectory(let path):
      "'\(path)' is not the output folder of an audit: it holds no records/plan.json."
    case .nothingFinished(let path):
      "The audit in '\(path)' was stopped before every model had finished an image. The same audit "
        + "command continues it."
    case .auditFile(let path, let reason):
      "'\(path)' \(reason). Name the output folder of a finished audit, or its audit.json."
    case .policy(let place, let reason):
      "\(place): \(reason)" + (reason.hasSuffix("?") ? "" : ".")
    case .labels(let place, let reason):
      "Labels, \(place): \(reason)" + (reason.hasSuffix("?") ? "" : ".")
    case .noFeatures(let path, let models):
      models.isEmpty
        ? "'\(path)' holds no features. 'overinterp features MODEL --data DATA -o \(path)' finds them, and so "
          + "does 'overinterp audit --features'."
        : "'\(path)' holds features of several models: \(models.joined(separator: ", ")). Name one with --model."
    case .incomparable(let reason):
      "The two runs cannot be compared: \(reason)."
    }
  }
}

import ArgumentParser
import Audit
import Foundation
import History

/// What a finished audit is held against.
struct CriteriaOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Limits that the audit must keep (default: a built-in policy that warns); 'overinterp init' "
        + "writes one.", valueName: "policy.yaml"))
  var policy: String?

  @Option(
    help: ArgumentHelp(
      "Output folder of an earlier audit, compared image by image.", valueName: "folder"))
  var baseline: String?

  @Option(help: "The severity from which on a check decides the exit code: fail or warn.")
  var failOn = Policy.Severity.fail

  @Option(
    help: ArgumentHelp("SQLite file of audits over time; this run is added.", valueName: "file"))
  var history: String?

  /// Reads and opens everything, so that what is wrong is said before any work is done.
  ///
  /// Throws `AuditError` or `HistoryError`.
  func criteria() throws -> Assessment.Criteria {
    guard failOn != .info else {
      throw AuditError.option(name: "--fail-on", reason: "is fail or warn")
    }
    if let baseline { _ = try RunFolder(baseline).results() }
    if let history { _ = try History(path: history, create: true) }
    return Assessment.Criteria(
      policy: try policy.map(Policy.init(contentsOf:)) ?? .builtIn, failOn: failOn,
      baseline: baseline, history: history)
  }

  /// The criteria when any of them is stated.
  func stated() throws -> Assessment.Criteria? {
    let isSilent = policy == nil && baseline == nil && history == nil && failOn == .fail
    return isSilent ? nil : try criteria()
  }
}

extension Policy.Severity: ExpressibleByArgument {}

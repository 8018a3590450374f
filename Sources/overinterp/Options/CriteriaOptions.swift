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

  @OptionGroup var failing: FailOnOption

  @Option(
    help: ArgumentHelp("SQLite file of audits over time; this run is added.", valueName: "file"))
  var history: String?

  /// Reads and opens everything, so that what is wrong is said before any work is done.
  ///
  /// `folder`: of the run.
  ///
  /// `earlier`: an assessment of the same run, which holds where nothing is stated.
  ///
  /// Throws `AuditError` or `HistoryError`.
  func criteria(for folder: RunFolder, earlier: Assessment? = nil) throws -> Assessment.Criteria {
    if let baseline { try Baseline.check(baseline, isNot: folder.path) }
    if let history { try History(path: history, create: true).checkWritable() }
    return Assessment.Criteria(
      policy: try policy.map(Policy.init(contentsOf:)) ?? earlier?.policy ?? .builtIn,
      failOn: failing.failOn ?? earlier?.gate.failOn ?? .fail,
      baseline: try baseline.map(Baseline.init(path:)), history: history, earlier: earlier)
  }

  /// Whether nothing is stated.
  var isSilent: Bool {
    policy == nil && baseline == nil && history == nil && failing.failOn == nil
  }
}

/// From which severity on a check decides.
struct FailOnOption: ParsableArguments {
  @Option(
    help: "The severity from which on a check decides the exit code: fail or warn (default: fail).")
  var failOn: Policy.Severity?

  func validate() throws {
    if failOn == .info { throw ValidationError("--fail-on is fail or warn.") }
  }
}

extension Policy.Severity: ExpressibleByArgument {
  /// What `--fail-on` takes; `info` never decides.
  public static var allValueStrings: [String] { ["fail", "warn"] }
}

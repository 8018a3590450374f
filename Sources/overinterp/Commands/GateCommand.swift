import ArgumentParser
import Audit
import Foundation
import SharedWork

/// The verdict alone.
struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Hold a finished audit against a policy.",
    discussion: """
      Needs only audit.json; with the records of both runs, a baseline is compared image by image.

      EXAMPLE
        overinterp gate report --policy policy.yaml --baseline last-night

      EXIT CODES
        0 passed, 1 failed, 2 inconclusive, or a check did not run
      """)

  @Argument(
    help: ArgumentHelp("Output folder of an audit, or its audit.json.", valueName: "folder"))
  var folder: String

  @Option(
    help: ArgumentHelp(
      "Limits (default: a built-in policy that warns).", valueName: "policy.yaml"))
  var policy: String?

  @Option(
    help: ArgumentHelp("Output folder of an earlier audit, or its audit.json.", valueName: "folder")
  )
  var baseline: String?

  @OptionGroup var failing: FailOnOption

  @Flag(help: "Print JSON.")
  var json = false

  @Option(help: ArgumentHelp("Also write the checks as JUnit XML.", valueName: "file.xml"))
  var junit: String?

  func run() throws {
    if let baseline { try Baseline.check(baseline, isNot: folder) }
    let policy = try policy.map(Policy.init(contentsOf:)) ?? .builtIn
    let evidence = Gate.Evidence(
      try AuditNumbers(path: folder), baseline: try baseline.map(AuditNumbers.init(path:)),
      comparison: try comparison())
    let gate = Gate(policy, evidence, failOn: failing.failOn ?? .fail)
    if let junit { try RecordFile.replace(junit, with: gate.junit) }
    if json {
      print(
        String(decoding: try CanonicalJSON.encode(GateReport(gate), pretty: true), as: UTF8.self))
    } else {
      print(gate.sentence)
      for line in gate.lines(all: true) { print(line) }
    }
    StepSummary.append(gate.markdown)
    if gate.outcome != .passed { throw ExitCode(gate.outcome.exitCode) }
  }

  /// Image by image, where the records of both runs are there; nil otherwise.
  private func comparison() throws -> Comparison? {
    guard let baseline else { return nil }
    do {
      return try Comparison(RunFolder(folder).results(), Baseline(path: baseline))
    } catch AuditError.notARunDirectory, AuditError.record, AuditError.incomparable {
      Progress().say(
        "Without the records of both runs, changes are judged as of independent samples.")
      return nil
    }
  }
}

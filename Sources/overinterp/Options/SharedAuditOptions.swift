import ArgumentParser
import Audit
import Datasets
import Foundation
import Schedulers

/// An audit for a scheduler to run in shards: what the shards get, and what the merge.
struct SharedAuditOptions: ParsableArguments {
  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "Models and flags as 'overinterp audit' takes them.", valueName: "model.onnx … --data path"))
  var audit: [String] = []

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("The folder that all shards share, and the report's.", valueName: "folder"))
  var folder = "overinterp-report"

  @Option(help: "How many shards there are.")
  var shards: Int

  @OptionGroup(title: "Verdict") var criteria: CriteriaOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var appendix: AppendixOptions

  func validate() throws {
    guard shards > 0 else { throw ValidationError("--shards must be at least 1.") }
  }

  /// `program`: that every machine runs.
  ///
  /// `checksFiles`: whether models and data are to be found here.
  ///
  /// Throws what parsing the audit's flags throws, and `AuditError` where it could not be run.
  func command(program: String, checksFiles: Bool) throws -> SharedCommand {
    let words = audit + ["-o", folder]
    // What shards would refuse is refused before they wait in a queue.
    let parsed = try AuditCommand.parse(words)
    try parsed.refuseWhatIsOfAll()
    if checksFiles {
      for path in parsed.models where !FileManager.default.fileExists(atPath: path) {
        throw AuditError.option(name: "the model '\(path)'", reason: "is not here")
      }
      try parsed.source.checkIsThere()
    }
    return SharedCommand(
      shard: [program, "audit"] + words,
      merge: [program, "merge", folder] + criteria.words + report.words + appendix.words,
      shards: shards, folder: folder)
  }
}

extension CriteriaOptions {
  /// The flags again.
  fileprivate var words: [String] {
    flags([
      ("--policy", policy), ("--baseline", baseline), ("--history", history),
      ("--fail-on", failing.failOn?.rawValue),
    ])
  }
}

extension ReportOptions {
  fileprivate var words: [String] {
    flags([
      ("--html", html == .inline ? nil : html.rawValue),
      ("--figure-style", figureStyle == .standard ? nil : figureStyle.name),
      ("--brand", brand), ("--templates", templates),
    ])
  }
}

extension AppendixOptions {
  fileprivate var words: [String] {
    flags([("--appendix", appendix == .pdf ? nil : appendix.rawValue)])
  }
}

private func flags(_ stated: [(name: String, value: String?)]) -> [String] {
  stated.flatMap { flag in flag.value.map { [flag.name, $0] } ?? [] }
}

import ArgumentParser
import Audit
import Foundation
import SharedWork

/// Starts a policy.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a policy with comments, to adapt.",
    discussion: """
      EXAMPLE
        overinterp init policy.yaml
      """)

  @Argument(help: ArgumentHelp("Where it goes.", valueName: "policy.yaml"))
  var file = "policy.yaml"

  @Flag(help: "Replace a file that is there.")
  var force = false

  func run() throws {
    guard force || !FileManager.default.fileExists(atPath: file) else {
      throw AuditError.option(name: "'\(file)'", reason: "is there already; --force replaces it")
    }
    try RecordFile.replace(file, with: Data(Policy.builtInText.utf8))
    print("Wrote \(file). Adapt it, then: overinterp audit MODEL.onnx --data PATH --policy \(file)")
  }
}

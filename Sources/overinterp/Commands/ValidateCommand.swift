import ArgumentParser
import Audit
import Foundation

/// Checks a policy.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract:
      "Check a policy file, list the metrics it can name, or print the schema of audit.json.",
    discussion: """
      With an audit, also says which checks would not run on it.

      EXAMPLES
        overinterp validate policy.yaml
        overinterp validate policy.yaml --audit report
        overinterp validate --metrics
        overinterp validate --schema
      """)

  @Argument(help: ArgumentHelp("Policy file.", valueName: "policy.yaml"))
  var policy: String?

  @Option(help: ArgumentHelp("Output folder of an audit, or its audit.json.", valueName: "folder"))
  var audit: String?

  @Flag(help: "List metrics and what they are.")
  var metrics = false

  @Flag(help: "Print the JSON Schema of audit.json.")
  var schema = false

  func validate() throws {
    guard policy != nil || metrics || schema else {
      throw ValidationError("Missing expected argument '<policy.yaml>' (or --metrics).")
    }
  }

  func run() throws {
    if metrics { printMetrics() }
    if schema { try StandardOutput.write(String(decoding: AuditSchema().json, as: UTF8.self)) }
    guard let policy else { return }
    let read = try Policy(contentsOf: policy)
    let count = read.checks.count
    print("\(policy): \(count) check\(count == 1 ? "" : "s"), no error.")
    guard let audit else { return }
    let gate = Gate(read, Gate.Evidence(try AuditNumbers(path: audit)))
    // Limits against a baseline have theirs when they are judged.
    let missing = gate.rows.filter { $0.status == .notRun && $0.reason != Gate.takesBaseline }
    for row in missing {
      print("  line \(row.line): '\(row.title)' would not run: \(row.reason)")
    }
    if !missing.isEmpty { throw ExitCode(64) }
  }

  private func printMetrics() {
    let width = Metric.all.map(\.name.count).max() ?? 0
    for metric in Metric.all {
      let name = metric.name.padding(toLength: width, withPad: " ", startingAt: 0)
      print(
        "\(name)  \(metric.hasThresholds ? "τ" : " ")  “\(metric.plain.name)”: \(metric.meaning)")
    }
  }
}

import ArgumentParser
import Inference

/// The names of the operators that can be run.
struct OperatorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operators",
    abstract: "List the operators that can be run, with their domain where it is not ONNX's.")

  func run() {
    for name in OperatorRegistry.names { print(name) }
  }
}

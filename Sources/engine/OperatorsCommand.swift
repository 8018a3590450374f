import ArgumentParser
import Inference

/// ONNX's names of the operators that can be run.
struct OperatorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operators", abstract: "List the ONNX operators that can be run.")

  func run() {
    for type in OperatorRegistry.types { print(type) }
  }
}

import ArgumentParser
import Audit
import AuditRun
import Foundation
import Inference
import ONNX

/// What a user may state about a model.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Input name and shape, for models that leave it open.", valueName: "name:1,3,224,224"))
  var inputShape: String?

  @Option(help: "Order of the model's input axes: NCHW or NHWC (default: guessed).")
  var layout: Network.InputLayout?

  @Option(
    help: ArgumentHelp(
      "What the output's numbers are: logits, probabilities, log-probabilities or sigmoid (default: "
        + "told by the graph and by the numbers of the first images).", valueName: "kind"))
  var output: Network.OutputKind?

  @Option(
    help: ArgumentHelp(
      "Which output holds the classes (default: the only one, or the one that fits the data).",
      valueName: "name"))
  var outputName: String?

  /// Loads a model by itself, without data that could tell more.
  func load(_ file: Model, path: String) throws -> Network {
    let options = Network.Options(
      inputShape: try inputShape.map(parseShape), layout: layout, output: output,
      outputName: outputName)
    return try Network(file, name: path, options: options)
  }

  /// Adds what is stated here.
  func state(in statements: inout IntakeStatements) throws {
    statements.inputShape = try inputShape.map(parseShape)
    statements.layout = layout
    statements.output = output
    statements.outputName = outputName
  }

  private func parseShape(_ text: String) throws -> [Int] {
    let numbers = text.split(separator: ":").last ?? ""
    let parts = numbers.split(separator: ",", omittingEmptySubsequences: false)
    let shape = parts.compactMap { Int($0) }
    guard shape.count == parts.count, shape.count == 4, shape.allSatisfy({ $0 > 0 }) else {
      throw AuditError.option(
        name: "--input-shape", reason: "'\(text)' is not name:1,3,224,224")
    }
    return shape
  }
}

extension Network.InputLayout: ExpressibleByArgument {
  /// Accepts any case.
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

extension Network.OutputKind: ExpressibleByArgument {}

import ArgumentParser
import Audit
import AuditRun
import Foundation
import Inference
import ONNX
import SharedWork

/// What a model file holds and whether it can be run.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a model's opset, input, output, operators and cost, and what is not supported.",
    discussion: """
      EXAMPLES
        overinterp inspect resnet.onnx --json
        overinterp inspect resnet.onnx --values
        overinterp inspect --libraries
      """)

  @Argument(
    help: ArgumentHelp("ONNX file.", valueName: "model.onnx"),
    completion: .file(extensions: ["onnx"]))
  var modelPath: String?

  @OptionGroup(title: "Model") var model: ModelOptions

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "List the values that nodes compute, with their shapes; n is the number of images.")
  var values = false

  @Flag(help: "Show the libraries in use and what they chose for this processor.")
  var libraries = false

  func validate() throws {
    guard modelPath != nil || libraries else {
      throw ValidationError("Missing expected argument '<model.onnx>' (or --libraries).")
    }
  }

  func run() throws {
    if libraries { print(ComputingLibraries.choices.joined(separator: "\n")) }
    guard let modelPath else { return }
    let file = try Model(contentsOf: modelPath)
    let inspection = Inspection(file, path: modelPath, listsValues: values) {
      try model.load(file, path: modelPath)
    }
    if json {
      print(String(decoding: try CanonicalJSON.encode(inspection, pretty: true), as: UTF8.self))
    } else {
      print(inspection.text)
    }
  }
}

/// The answer of `inspect`.
private struct Inspection: Encodable {
  struct Value: Encodable {
    let name: String
    let shape: [String]?
  }

  /// What a node computes.
  struct Computed: Encodable {
    let name: String
    let type: String
    let node: String
    let shape: [String]
  }

  struct OperatorUse: Encodable {
    let type: String
    let count: Int
    let supported: Bool
  }

  struct Unsupported: Encodable {
    let type: String
    let node: String
    let suggestion: String?
    let advice: String?
  }

  struct Compiled: Encodable {
    let layout: String
    let channels: Int
    let height: Int
    let width: Int
    let classes: Int
    let output: String
    let parameters: Int
    let multiplyAdds: Int
    /// Of activations alive at once in one image's forward pass.
    let activationBytes: Int
    /// Images per pass of `--batch-size auto`.
    let batchSize: Int
    /// Nodes that end a gradient.
    let withoutGradient: [String]
    /// Of evaluating a change of one pixel, beside an image evaluated before.
    let pixelMultiplyAdds: Int
    /// Nodes from which such a change is followed on whole maps, for want of a rule.
    let withoutWindowRule: [String]
    let steps: Int

    enum CodingKeys: String, CodingKey {
      case layout, channels, height, width, classes, output, parameters, steps
      case multiplyAdds = "multiply_adds"
      case activationBytes = "activation_bytes"
      case batchSize = "batch_size"
      case withoutGradient = "without_gradient"
      case pixelMultiplyAdds = "pixel_multiply_adds"
      case withoutWindowRule = "without_window_rule"
    }
  }

  let model: String
  let irVersion: Int
  let opset: Int
  let producer: String
  let inputs: [Value]
  let outputs: [Value]
  let operators: [OperatorUse]
  let unsupported: [Unsupported]
  /// Nil when the model cannot be run; `problem` says why.
  let compiled: Compiled?
  /// In the order of the nodes, when asked for.
  let values: [Computed]?
  let problem: String?

  enum CodingKeys: String, CodingKey {
    case model, opset, producer, inputs, outputs, operators, unsupported, compiled, values, problem
    case irVersion = "ir_version"
  }

  init(_ file: Model, path: String, listsValues: Bool, load: () throws -> Network) {
    model = path
    irVersion = file.irVersion
    opset = file.opset
    producer = file.producer
    func value(_ info: ValueInfo) -> Value {
      Value(name: info.name, shape: info.dimensions?.map(\.description))
    }
    inputs = file.graph.inputs.map(value)
    outputs = file.graph.outputs.map(value)
    let found = UnsupportedOperator.all(in: file)
    unsupported = found.map {
      Unsupported(type: $0.type, node: $0.node, suggestion: $0.suggestion, advice: $0.advice)
    }
    let nodes = Set(found.map(\.node))
    operators = Dictionary(grouping: file.graph.nodes, by: \.operatorName.description).map {
      type, members in
      OperatorUse(
        type: type, count: members.count,
        supported: !members.contains { nodes.contains($0.label) })
    }.sorted { $0.type < $1.type }
    var result: (compiled: Compiled, values: [Computed]?)?
    var problem: String?
    do {
      let network = try load()
      result = (
        try Compiled(network),
        try listsValues ? InnerValue.all(in: file, of: network).map(Computed.init) : nil
      )
    } catch {
      problem = "\(error)"
    }
    compiled = result?.compiled
    values = result?.values
    self.problem = problem
  }

  var text: String {
    func list(_ values: [Value]) -> String {
      values.map { "\($0.name) [\(($0.shape ?? ["?"]).joined(separator: ", "))]" }
        .joined(separator: ", ")
    }
    var lines = [
      "model      \(model)",
      "opset      \(opset) (IR \(irVersion), \(producer))",
      "inputs     \(list(inputs))",
      "outputs    \(list(outputs))",
      "operators  "
        + operators.map { "\($0.type)\($0.supported ? "" : " (not supported)") ×\($0.count)" }
        .joined(separator: ", "),
    ]
    if let compiled {
      lines += [
        "image      \(compiled.channels) × \(compiled.height) × \(compiled.width) "
          + "(\(compiled.layout))",
        "classes    \(compiled.classes) (\(compiled.output), by the graph; "
          + "the numbers of the first images must agree)",
        "parameters \(compiled.parameters)",
        "cost       \(compiled.multiplyAdds) multiply-adds per image, \(compiled.steps) steps "
          + "after folding and fusion",
        "memory     \(megabytes(compiled.activationBytes)) of activations per image, "
          + "\(compiled.batchSize) image\(compiled.batchSize == 1 ? "" : "s") per pass",
        "gradient   "
          + (compiled.withoutGradient.isEmpty
            ? "known at every node"
            : "not known at " + compiled.withoutGradient.joined(separator: ", ")),
        "windows    a change of one pixel costs \(compiled.pixelMultiplyAdds) multiply-adds"
          + (compiled.withoutWindowRule.isEmpty
            ? "" : "; whole maps from " + compiled.withoutWindowRule.joined(separator: ", ")),
      ]
    }
    for value in values ?? [] {
      lines.append(
        "value      \(value.name) [\(value.shape.joined(separator: ", "))], of \(value.type)")
    }
    for node in unsupported {
      lines.append(
        "missing    \(node.type) at node '\(node.node)'"
          + (node.suggestion.map { " (did you mean \($0)?)" } ?? "")
          + (node.advice.map { "; \($0)" } ?? ""))
    }
    if let problem { lines.append("problem    \(problem)") }
    return lines.joined(separator: "\n")
  }
}

extension Inspection.Compiled {
  init(_ network: Network) throws {
    let coverage = try network.windowCoverage(height: 1, width: 1)
    self.init(
      layout: network.input.layout.rawValue, channels: network.input.channels,
      height: network.input.height, width: network.input.width, classes: network.classCount,
      output: network.outputKind.rawValue, parameters: network.parameterCount,
      multiplyAdds: network.multiplyAdds, activationBytes: network.activationBytes,
      batchSize: AuditedModel.automaticBatchSize(network, memoryLimit: nil),
      withoutGradient: network.nodesWithoutGradient, pixelMultiplyAdds: coverage.multiplyAdds,
      withoutWindowRule: coverage.withoutRule.map { "\($0.type) '\($0.label)'" },
      steps: network.operatorTypes.count)
  }
}

extension Inspection.Computed {
  init(_ value: InnerValue) {
    self.init(
      name: value.name, type: value.type, node: value.node,
      shape: value.shape.map(\.description))
  }
}

private func megabytes(_ bytes: Int) -> String {
  bytes < 10 << 20 ? "\((bytes + 1023) >> 10) KiB" : "\(bytes >> 20) MiB"
}

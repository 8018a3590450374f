import ArgumentParser
import Datasets
import Foundation
import Inference
import ONNX
import Tensors

/// Computes ONNX's backend node tests; `.ci/conformance` compares.
struct NodesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nodes",
    abstract: "Compute ONNX's backend node tests and write 'ours_0.npy' … into each case's folder.")

  @Argument(help: "Folder with a sub-folder for each case.") var folder: String

  private struct Line: Encodable {
    let `case`: String
    let outcome: String
    let reason: String?
  }

  func run() throws {
    let cases = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    for name in cases where FileManager.default.fileExists(atPath: path(name, "model.onnx")) {
      let line: Line
      do {
        try compute(name)
        line = Line(case: name, outcome: "computed", reason: nil)
      } catch let error as InferenceError {
        line = Line(case: name, outcome: "unsupported", reason: "\(error)")
      } catch let error as ModelError {
        line = Line(case: name, outcome: "unsupported", reason: "\(error)")
      }
      FileHandle.standardOutput.write(try JSONEncoder().encode(line) + Data("\n".utf8))
    }
  }

  private func path(_ name: String, _ file: String) -> String { "\(folder)/\(name)/\(file)" }

  private func compute(_ name: String) throws {
    let model = try Model(contentsOf: path(name, "model.onnx"), opsets: 1...28)
    var inputs: [String: Tensor] = [:]
    for (index, input) in model.graph.inputs.enumerated() {
      let file = path(name, "input_\(index).pb")
      guard FileManager.default.fileExists(atPath: file) else { continue }
      inputs[input.name] = try Model.tensor(contentsOf: file)
    }
    let outputs = try GraphEvaluation(model, inputs: inputs).outputs()
    for (index, (output, tensor)) in zip(model.graph.outputs, outputs).enumerated() {
      let data = encode(tensor, as: output.elementType ?? tensor.elementType)
      try data.write(to: URL(fileURLWithPath: path(name, "ours_\(index).npy")))
    }
  }

  private func encode(_ tensor: Tensor, as type: ElementType) -> Data {
    let shape = tensor.shape.dimensions
    if type == .bool { return NPYArray.encode(tensor.asFloats.map { $0 != 0 }, shape: shape) }
    guard type.isInteger else { return NPYArray.encode(tensor.asFloats, shape: shape) }
    if case .int64(let values) = tensor.elements {
      return NPYArray.encode(values, shape: shape)
    }
    return NPYArray.encode(tensor.asFloats.map { Int64($0) }, shape: shape)
  }
}

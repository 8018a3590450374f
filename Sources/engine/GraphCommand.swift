import ArgumentParser
import Datasets
import Foundation
import Inference
import ONNX
import Tensors

/// One pass through a model with any inputs and outputs, from and to NPY files.
struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Compute any values of a model from any inputs, and gradients on request.",
    discussion: """
      Files are NPY of float32 or integers. EXAMPLE
        engine graph denoiser.onnx --input x=x.npy --input t=t.npy --output epsilon=epsilon.npy \\
          --weight epsilon=w.npy --gradient x=g.npy
      """)

  @Argument(help: "ONNX file.") var model: String
  @Option(help: "A value to feed.") var input: [NamedFile]
  @Option(help: "An output or inner value, and where it goes.") var output: [NamedFile]
  @Option(help: "Weights of an output in the sum to differentiate.") var weight: [NamedFile] = []
  @Option(help: "A value by which to differentiate, and where the gradient goes.")
  var gradient: [NamedFile] = []
  @Option(help: "Bytes above which a gradient computes results twice instead of keeping them.")
  var memoryLimit: Int?

  func run() throws {
    var fed: [String: Tensor] = [:]
    for file in input { fed[file.name] = try file.tensor() }
    let session = try GraphSession(
      Model(contentsOf: model), name: model, inputs: fed.mapValues(\.shape),
      outputs: output.map(\.name), gradientsBy: gradient.map(\.name),
      memoryLimit: memoryLimit ?? Session.usualMemoryLimit)
    print("memory \(session.memoryBytes) bytes, \(session.repeatedSteps) steps computed twice")
    for (file, value) in zip(output, try session.run(fed)) { try file.write(value) }
    guard !gradient.isEmpty else { return }
    var weights: [String: Tensor] = [:]
    for file in weight { weights[file.name] = try file.tensor() }
    let gradients = try session.gradients(of: weights)
    for (file, value) in zip(gradient, gradients) { try file.write(value) }
  }
}

/// A value's name and the NPY file that holds it, as `name=file`.
struct NamedFile: ExpressibleByArgument {
  let name: String
  let path: String

  init?(argument: String) {
    guard let separator = argument.lastIndex(of: "=") else { return nil }
    name = String(argument[..<separator])
    path = String(argument[argument.index(after: separator)...])
  }

  func tensor() throws -> Tensor {
    let array = try NPYArray(Data(contentsOf: URL(fileURLWithPath: path)), path: path)
    let shape = Shape(array.shape)
    switch array.elements {
    case .floats(let values): return Tensor(shape, values)
    case .integers(let values): return Tensor(shape, values.map { Int64($0) })
    case .bytes, .strings:
      throw ValidationError("'\(path)' is not an array of float32 or integers.")
    }
  }

  func write(_ value: Tensor) throws {
    try NPYArray.encode(value.asFloats, shape: value.shape.dimensions)
      .write(to: URL(fileURLWithPath: path))
  }
}

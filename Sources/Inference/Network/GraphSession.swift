import ONNX
import Spelling
import Tensors

/// A model with inputs and outputs of any number and shape, ready to run; belongs to one thread.
///
/// Generators and parts of networks are run so; a classifier of images is a `Network`.
package final class GraphSession {
  private let executable: Executable
  private let inputs: [ValueDescription]
  private let outputs: [ValueDescription]
  /// By which gradients are asked for.
  private let leaves: [ValueDescription]
  private let name: String

  /// Compiles a model and prepares its memory.
  ///
  /// - Parameters:
  ///   - model: What to compile.
  ///   - name: How messages call it.
  ///   - inputs: Shapes of the values to be fed.
  ///   - constants: Inputs that are known now; the compiler may fold what follows from them.
  ///   - outputs: Names of outputs or inner values; nil for the model's outputs.
  ///   - gradientsBy: Inputs, or inner values, by which gradients will be asked for; none of them may
  ///     depend on another.
  ///   - memoryLimit: Bytes above which what a gradient needs is computed twice instead of kept.
  ///   - refusesNaN: Whether constants must be numbers.
  /// - Throws: `InferenceError`.
  package init(
    _ model: Model, name: String, inputs: [String: Shape], constants: [String: Tensor] = [:],
    outputs: [String]? = nil, gradientsBy: [String] = [],
    memoryLimit: Int = Session.usualMemoryLimit, refusesNaN: Bool = true
  ) throws {
    let declared = model.graph.inputs.map(\.name)
    for unknown in Set(inputs.keys).union(constants.keys).subtracting(declared) {
      throw InferenceError.input(
        model: name,
        reason: "there is none called '\(unknown)' among \(declared.joined(separator: ", "))")
    }
    let made = Set(model.graph.nodes.flatMap(\.outputs) + declared)
    for unknown in gradientsBy + (outputs ?? []) where !made.contains(unknown) {
      throw InferenceError.unknownValue(
        model: name, value: unknown, suggestion: nearest(to: unknown, among: made.sorted()))
    }
    // Inner values by which gradients are asked for are kept, as outputs are.
    let wanted = outputs ?? model.graph.outputs.map(\.name)
    let inner = gradientsBy.filter { !wanted.contains($0) && !declared.contains($0) }
    let needed = model.reading(wanted + inner).feeding(constants)
    let fed = declared.compactMap { input in
      inputs[input].map { ValueDescription(name: ValueName(input), shape: $0) }
    }
    var graph = try CompiledGraph.folded(
      needed, name: name, outputs: needed.graph.outputs.map(\.name), refusesNaN: refusesNaN,
      input: fed.first?.name.base
    ) { try Program($0, inputs: fed) }
    self.inputs = fed
    let sample = try Program(graph, inputs: fed)
    graph.fuse(shapes: sample.shapes, known: sample.constantNames)
    let program = try Program(graph, inputs: fed, separate: Set(gradientsBy))
    self.outputs = Array(program.outputs.prefix(wanted.count))
    self.name = name
    leaves = try gradientsBy.map { leaf in
      guard let value = program.value(named: ValueName(leaf)) else {
        throw InferenceError.value(
          model: name, value: leaf, reason: "it does not depend on what is fed")
      }
      return value
    }
    if let (value, source) = GradientPath.dependence(among: leaves, program) {
      throw InferenceError.value(
        model: name, value: value.name.base,
        reason:
          "gradients by it and by '\(source.name.base)', which leads to it, take a session each")
    }
    executable = try Executable(
      program, store: ConstantStore(),
      Executable.Demands(
        gradientsBy: leaves.map(\.name), memoryLimit: memoryLimit))
  }

  /// Bytes of activations, gradients and scratch memory, weights not counted.
  package var memoryBytes: Int { executable.memoryBytes }
  /// Steps that a gradient computes a second time to stay within its memory.
  package var repeatedSteps: Int { executable.repeatedSteps }

  /// The outputs, in the order asked for.
  ///
  /// `values`: a tensor for each input that is fed.
  ///
  /// Throws `InferenceError.input` for one that is missing or has another shape.
  package func run(_ values: [String: Tensor]) throws -> [Tensor] {
    for input in inputs {
      guard let value = values[input.name.base], value.shape == input.shape else {
        throw InferenceError.input(
          model: name, reason: "'\(input.name)' must be fed a tensor of shape \(input.shape)")
      }
      executable.input(input.name).update(from: value.asFloats, count: input.shape.count)
    }
    executable.run()
    return outputs.map { $0.constant ?? executable.tensor(of: $0) }
  }

  /// The gradient of `Σ weights · outputs` by each of the values asked for, in their order; `run` came
  /// before, and comes again before the next.
  ///
  /// `weights`: by output, shaped like it; outputs left out have none.
  ///
  /// Zeros where no output depends on the value. Throws `InferenceError.value` for weights of what is no
  /// output, or of another shape.
  package func gradients(of weights: [String: Tensor]) throws -> [Tensor] {
    precondition(!leaves.isEmpty, "the session was prepared without a gradient")
    for (weighted, weight) in weights.sorted(by: { $0.key < $1.key }) {
      guard let output = outputs.first(where: { $0.name.base == weighted }) else {
        throw InferenceError.value(
          model: name, value: weighted, reason: "it is weighted but is none of the outputs")
      }
      guard weight.shape == output.shape else {
        throw InferenceError.value(
          model: name, value: weighted,
          reason: "weights of shape \(weight.shape) for its \(output.shape)")
      }
      executable.addSeed(weight, to: output)
    }
    executable.differentiate()
    return leaves.map(executable.gradientTensor(by:))
  }
}

extension Executable {
  /// An output after `run`, in ONNX's axis order.
  func tensor(of output: ValueDescription) -> Tensor {
    let numbers = UnsafeBufferPointer(start: value(output.name), count: output.shape.count)
    return output.tensor(stored: Array(numbers))
  }

  /// Adds weights in ONNX's axis order to those of an output; nothing changes when no value asked for
  /// leads to it.
  func addSeed(_ weights: Tensor, to output: ValueDescription) {
    precondition(
      weights.shape == output.shape, "weights \(weights.shape) for a value of \(output.shape)")
    guard !output.isConstant, let target = seed(output.name, count: output.shape.count) else {
      return
    }
    var stored = output
    stored.constant = weights
    target.add(stored.storedFloats, count: output.shape.count)
  }

  /// The gradient by a value, after `differentiate`, in ONNX's axis order.
  func gradientTensor(by value: ValueDescription) -> Tensor {
    guard let pointer = gradient(by: value.name) else {
      return Tensor(value.shape, [Float](repeating: 0, count: value.shape.count))
    }
    let numbers = UnsafeBufferPointer(start: pointer, count: value.shape.count)
    return value.tensor(stored: Array(numbers))
  }
}

extension Model {
  /// The same model with some inputs known.
  fileprivate func feeding(_ constants: [String: Tensor]) -> Model {
    let graph = Graph(
      name: graph.name, nodes: graph.nodes,
      initializers: graph.initializers.merging(constants) { _, new in new },
      inputs: graph.inputs.filter { constants[$0.name] == nil }, outputs: graph.outputs)
    return Model(
      irVersion: irVersion, opset: opset, producer: producer, metadata: metadata, graph: graph)
  }
}

import ONNX
import Tensors

/// Evaluates a graph with any inputs and outputs once, as tests of operators do.
package struct GraphEvaluation {
  /// Which inputs are activations; the others are constants, known while the graph is compiled.
  private enum Activations: CaseIterable {
    case allFloats, firstFloat, none
  }

  private let model: Model
  private let inputs: [String: Tensor]

  /// `inputs`: values of the graph's inputs by name.
  package init(_ model: Model, inputs: [String: Tensor]) {
    self.model = model
    self.inputs = inputs
  }

  /// The graph's outputs in its order.
  ///
  /// Inputs are activations wherever the operators let them be, as they are in a classifier.
  ///
  /// - Throws: `InferenceError`, when the graph runs in none of these ways the one of the first.
  package func outputs() throws -> [Tensor] {
    var first: (any Error)?
    for activations in Activations.allCases {
      do {
        return try outputs(activations)
      } catch {
        first = first ?? error
      }
    }
    throw first ?? InferenceError.output(model: "graph", reason: "it has none")
  }

  private func outputs(_ choice: Activations) throws -> [Tensor] {
    let floats = model.graph.inputs.map(\.name).filter { name in
      inputs[name].map { $0.floats != nil && $0.shape.count > 0 } ?? false
    }
    let activations =
      switch choice {
      case .allFloats: floats
      case .firstFloat: Array(floats.prefix(1))
      case .none: [String]()
      }
    let constants = inputs.filter { !activations.contains($0.key) }
    let graph = Graph(
      name: model.graph.name, nodes: model.graph.nodes,
      initializers: model.graph.initializers.merging(constants) { _, new in new },
      inputs: model.graph.inputs.filter { activations.contains($0.name) },
      outputs: model.graph.outputs)
    return try model.graph.outputs.map { output in
      try evaluate(
        Model(
          irVersion: model.irVersion, opset: model.opset, producer: model.producer, graph: graph),
        output: output.name, activations: activations)
    }
  }

  private func evaluate(_ model: Model, output: String, activations: [String]) throws -> Tensor {
    var graph = try CompiledGraph(model, name: "graph", output: output, refusesNaN: false)
    func layOut(_ graph: CompiledGraph) throws -> Program {
      try Program(
        graph,
        inputs: activations.map {
          ValueDescription(name: ValueName($0), shape: inputs[$0]?.shape ?? [])
        })
    }
    try graph.chooseBranches(input: activations.first, refusesNaN: false, layOut)
    try graph.foldConstants()
    if let known = graph.constants[output] { return known }
    let program: Program
    do {
      program = try layOut(graph)
    } catch InferenceError.constantOutput(_, let tensor) {
      return tensor
    }
    let planner = try SessionPlanner(program, store: ConstantStore(), gradient: false)
    let arena = Arena(byteCount: planner.plan.totalBytes)
    let bound = planner.bind(to: arena.base)
    for (name, pointer) in zip(activations, bound.inputs) {
      let floats = inputs[name]?.floats ?? []
      for i in floats.indices { pointer[i] = floats[i] }
    }
    for step in bound.forward { step.kernel.run(step.buffers) }
    let values = Array(
      UnsafeBufferPointer(start: bound.output, count: program.output.shape.count))
    withExtendedLifetime((arena, planner)) {}
    return program.output.tensor(stored: values)
  }
}

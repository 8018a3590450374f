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
      case .allFloats: Set(floats)
      case .firstFloat: Set(floats.prefix(1))
      case .none: Set<String>()
      }
    let fed = inputs.filter { activations.contains($0.key) }
    let session = try GraphSession(
      model, name: "graph", inputs: fed.mapValues(\.shape),
      constants: inputs.filter { !activations.contains($0.key) }, refusesNaN: false)
    return try session.run(fed)
  }
}

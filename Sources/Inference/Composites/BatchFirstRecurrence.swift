import ONNX
import Tensors

/// A recurrent layer whose batch axis comes before that of steps runs between two transpositions.
///
/// Shapes: `x [n, t, i]` as `[t, n, i]`, states `[n, d, h]` as `[d, n, h]`, `y [n, t, d, h]` from
/// `[t, d, n, h]`.
protocol BatchFirstRecurrence: CompositeOperator {
  /// Positions of initial states among the inputs.
  static var stateInputs: [Int] { get }
}

extension BatchFirstRecurrence {
  package static var requiredInputs: Int { 3 }

  package static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let layout = try node.int("layout", default: 0)
    guard layout != 0 else { return false }
    guard layout == 1 else { throw node.failure("layout \(layout) is not supported") }
    var attributes = node.node.attributes
    attributes["layout"] = nil
    var inputs = node.node.inputs
    for index in [0] + stateInputs where node.hasInput(index) {
      inputs[index] = nodes.add("Transpose", [inputs[index]], ["perm": .ints([1, 0, 2])])
    }
    let outputs = node.node.outputs
    let inner = outputs.map { $0.isEmpty ? "" : nodes.name() }
    nodes.add(
      Node(
        name: "\(node.node.label)·steps first", type: type, inputs: inputs, outputs: inner,
        attributes: attributes))
    for (index, output) in outputs.enumerated() where !output.isEmpty {
      let axes = index == 0 ? [2, 0, 1, 3] : [1, 0, 2]
      nodes.add("Transpose", [inner[index]], ["perm": .ints(axes)], output: output)
    }
    return true
  }
}

/// ONNX `LSTM` of layout 1.
enum BatchFirstLSTM: BatchFirstRecurrence {
  static let type = "LSTM"
  static let stateInputs = [5, 6]
}

/// ONNX `GRU` of layout 1.
enum BatchFirstGRU: BatchFirstRecurrence {
  static let type = "GRU"
  static let stateInputs = [5]
}

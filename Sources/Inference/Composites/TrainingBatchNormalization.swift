import ONNX
import Tensors

/// `BatchNormalization` by the batch's own mean and variance.
///
/// Exporters leave it in networks that standardise their weights, where the batch is a constant.
enum TrainingBatchNormalization: CompositeOperator {
  static let type = "BatchNormalization"
  static let requiredInputs = 5

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    guard try node.int("training_mode", default: 0) == 1, node.node.inputs.count == 5 else {
      return false
    }
    let epsilon = try node.float("epsilon", default: 1e-5)
    let momentum = try node.float("momentum", default: 0.9)
    let (inputs, outputs) = (node.node.inputs, node.node.outputs)
    let rows = nodes.add("Reshape", [inputs[0], nodes.integers([0, 0, -1])])
    let mean = nodes.mean(rows)
    let centred = nodes.add("Sub", [rows, mean])
    let variance = nodes.mean(nodes.add("Mul", [centred, centred]))
    let deviation = nodes.add("Sqrt", [nodes.add("Add", [variance, nodes.number(epsilon)])])
    let column = nodes.integers([-1, 1])
    let scaled = nodes.add(
      "Mul",
      [nodes.add("Div", [centred, deviation]), nodes.add("Reshape", [inputs[1], column])])
    let shifted = nodes.add("Add", [scaled, nodes.add("Reshape", [inputs[2], column])])
    nodes.add("Reshape", [shifted, nodes.add("Shape", [inputs[0]])], output: outputs[0])
    for (position, current) in [(1, mean), (2, variance)] {
      guard position < outputs.count, !outputs[position].isEmpty else { continue }
      let old = nodes.add("Mul", [inputs[position + 2], nodes.number(momentum)])
      let flat = nodes.add("Reshape", [current, nodes.integers([-1])])
      let new = nodes.add("Mul", [flat, nodes.number(1 - momentum)])
      nodes.add("Add", [old, new], output: outputs[position])
    }
    return true
  }
}

extension NodeBuilder {
  /// The mean of `[n, c, l]` by channel, `[1, c, 1]`.
  fileprivate mutating func mean(_ x: String) -> String {
    add("ReduceMean", [x], ["axes": .ints([0, 2])])
  }
}

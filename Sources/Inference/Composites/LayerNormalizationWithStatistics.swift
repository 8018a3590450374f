import ONNX
import Tensors

/// `LayerNormalization` whose means and deviations are asked for too.
enum LayerNormalizationWithStatistics: CompositeOperator {
  static let type = "LayerNormalization"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let outputs = node.node.outputs
    guard outputs.dropFirst().contains(where: { !$0.isEmpty }) else { return false }
    let epsilon = try node.float("epsilon", default: 1e-5)
    let axis = try node.int("axis", default: -1)
    let x = node.node.inputs[0]
    let flat = nodes.add("Flatten", [x], ["axis": .int(axis)])
    let mean = nodes.add("ReduceMean", [flat], ["axes": .ints([-1])])
    let centred = nodes.add("Sub", [flat, mean])
    let squares = nodes.add("Mul", [centred, centred])
    let variance = nodes.add("ReduceMean", [squares], ["axes": .ints([-1])])
    let deviation = nodes.add("Sqrt", [nodes.add("Add", [variance, nodes.number(epsilon)])])
    let normal = nodes.add("Div", [centred, deviation])
    let shaped = nodes.add("Reshape", [normal, nodes.add("Shape", [x])])
    let hasBias = node.hasInput(2)
    let scaled = nodes.add(
      "Mul", [shaped, node.node.inputs[1]], output: hasBias ? nil : outputs[0])
    if hasBias { nodes.add("Add", [scaled, node.node.inputs[2]], output: outputs[0]) }
    // Statistics keep the axes before and have extent 1 in the others.
    let kept = nodes.add("Shape", [x], axis == 0 ? ["end": .int(0)] : ["end": .int(axis)])
    let all = nodes.add("Shape", [x], ["start": .int(axis)])
    let ones = nodes.add("Div", [all, all])
    let shape = nodes.add("Concat", [kept, ones], ["axis": .int(0)])
    if outputs.count > 1, !outputs[1].isEmpty {
      nodes.add("Reshape", [mean, shape], output: outputs[1])
    }
    if outputs.count > 2, !outputs[2].isEmpty {
      let inverse = nodes.add("Reciprocal", [deviation])
      nodes.add("Reshape", [inverse, shape], output: outputs[2])
    }
    return true
  }
}

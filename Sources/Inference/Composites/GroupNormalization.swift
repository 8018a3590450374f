import ONNX
import Tensors

/// `y = scale[c] · (x − mean) / √(variance + ε) + bias[c]` over each group of maps.
///
/// Shapes: `x [n, c, ...]`, `scale [c]`, `bias [c]` → `y` like `x`; one scale per group before opset 21.
/// ONNX `GroupNormalization`, opsets 18–28.
enum GroupNormalization: CompositeOperator {
  static let type = "GroupNormalization"
  static let requiredInputs = 3

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let epsilon = try node.float("epsilon", default: 1e-5)
    let groups = try node.int("num_groups", default: 0)
    guard groups > 0 else { throw node.failure("num_groups \(groups) is not supported") }
    let inputs = node.node.inputs
    let rows = nodes.add("Reshape", [inputs[0], nodes.integers([0, groups, -1])])
    let normal = nodes.normalized(rows, epsilon: epsilon)
    var channels = normal
    if node.opset >= 21 {
      let shape = nodes.add("Shape", [inputs[0]], ["start": .int(0), "end": .int(2)])
      let target = nodes.add("Concat", [shape, nodes.integers([-1])], ["axis": .int(0)])
      channels = nodes.add("Reshape", [normal, target])
    }
    nodes.scaleChannels(
      channels, scale: inputs[1], bias: inputs[2], like: inputs[0], output: node.node.outputs[0])
    return true
  }
}

extension NodeBuilder {
  /// `[n, c, l]` scaled and shifted by channel, then in the shape of `original`.
  mutating func scaleChannels(
    _ x: String, scale: String, bias: String, like original: String, output: String
  ) {
    let column = integers([-1, 1])
    let scaled = add("Mul", [x, add("Reshape", [scale, column])])
    let shifted = add("Add", [scaled, add("Reshape", [bias, column])])
    add("Reshape", [shifted, add("Shape", [original])], output: output)
  }
}

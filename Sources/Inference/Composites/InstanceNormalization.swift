import ONNX
import Tensors

/// `y = scale[c] · (x − mean) / √(variance + ε) + bias[c]` over each map.
///
/// Shapes: `x [n, c, ...]`, `scale [c]`, `bias [c]` → `y` like `x`. ONNX `InstanceNormalization`,
/// opsets 6–28.
enum InstanceNormalization: CompositeOperator {
  static let type = "InstanceNormalization"
  static let requiredInputs = 3

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let epsilon = try node.float("epsilon", default: 1e-5)
    let inputs = node.node.inputs
    let rows = nodes.add("Reshape", [inputs[0], nodes.integers([0, 0, -1])])
    let normal = nodes.normalized(rows, epsilon: epsilon)
    nodes.scaleChannels(
      normal, scale: inputs[1], bias: inputs[2], like: inputs[0], output: node.node.outputs[0])
    return true
  }
}

import ONNX
import Tensors

/// `y = scale · x / √(mean(x²) + ε)` over the last axes.
///
/// Shapes: `x [..., d]`, `scale [d]` → `y [..., d]`. ONNX `RMSNormalization`, opsets 23–28.
enum RMSNormalization: CompositeOperator {
  static let type = "RMSNormalization"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let epsilon = try node.float("epsilon", default: 1e-5)
    let axis = try node.int("axis", default: -1)
    let (x, scale) = (node.node.inputs[0], node.node.inputs[1])
    // The axes that are normalised become the last one.
    let flat = nodes.add("Flatten", [x], ["axis": .int(axis)])
    let squares = nodes.add("ReduceMean", [nodes.add("Mul", [flat, flat])], ["axes": .ints([-1])])
    let norm = nodes.add("Sqrt", [nodes.add("Add", [squares, nodes.number(epsilon)])])
    let normal = nodes.add("Div", [flat, norm])
    let shaped = nodes.add("Reshape", [normal, nodes.add("Shape", [x])])
    nodes.add("Mul", [shaped, scale], output: node.node.outputs[0])
    return true
  }
}

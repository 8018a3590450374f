import ONNX
import Tensors

/// `y = x / ‖x‖` along an axis.
///
/// Shapes: `x [...] → y [...]`. ONNX `LpNormalization`, opsets 1–28.
enum LpNormalization: CompositeOperator {
  static let type = "LpNormalization"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let axis = try node.int("axis", default: -1)
    let power = try node.int("p", default: 2)
    guard power == 1 || power == 2 else { throw node.failure("p \(power) is not supported") }
    let x = node.node.inputs[0]
    let norm = nodes.add(power == 1 ? "ReduceL1" : "ReduceL2", [x], ["axes": .ints([axis])])
    // A norm of 0 leaves zeros.
    let isZero = nodes.add("Equal", [norm, nodes.number(0)])
    let divisor = nodes.add("Where", [isZero, nodes.number(1), norm])
    nodes.add("Div", [x, divisor], output: node.node.outputs[0])
    return true
  }
}

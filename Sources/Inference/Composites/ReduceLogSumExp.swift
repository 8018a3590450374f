import ONNX
import Tensors

/// `y = ln Σ e^x` over some axes, without overflow.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceLogSumExp`, opsets 1–28.
enum ReduceLogSumExp: CompositeOperator {
  static let type = "ReduceLogSumExp"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    var kept = node.node.attributes
    kept["keepdims"] = .int(1)
    let largest = nodes.add("ReduceMax", inputs, kept)
    // Where all are −∞ nothing is subtracted; the maximum is a constant to the gradient's eye.
    let isInfinite = nodes.add("IsInf", [largest])
    let shift = nodes.add("Where", [isInfinite, nodes.number(0), largest])
    let shifted = nodes.add("Exp", [nodes.add("Sub", [inputs[0], shift])])
    let sum = nodes.add(
      "ReduceLogSum", [shifted] + inputs.dropFirst(), node.node.attributes)
    var shape = shift
    if try node.int("keepdims", default: 1) == 0 {
      shape = nodes.add("Reshape", [shift, nodes.add("Shape", [sum])])
    }
    nodes.add("Add", [sum, shape], output: node.node.outputs[0])
    return true
  }
}

import ONNX
import Tensors

/// `Dropout` whose mask is asked for too: at inference nothing is dropped.
enum DropoutWithMask: CompositeOperator {
  static let type = "Dropout"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let (inputs, outputs) = (node.node.inputs, node.node.outputs)
    guard outputs.count > 1, !outputs[1].isEmpty else { return false }
    nodes.add("Dropout", inputs, node.node.attributes, output: outputs[0])
    let shape = nodes.add("Shape", [inputs[0]])
    let one = nodes.constant(Tensor([1], .int64([1]), type: .bool))
    nodes.add("Expand", [one, shape], output: outputs[1])
    return true
  }
}

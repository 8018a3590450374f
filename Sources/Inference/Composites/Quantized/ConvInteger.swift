import ONNX

/// A convolution of integers, its result their sums.
///
/// Shapes: `x [n, c, h, w]`, `w [o, c/group, kh, kw]`, zero points one number, that of `w` also `[o]` → `y [n, o,
/// oh, ow]`. ONNX `ConvInteger`, opsets 10–28.
enum ConvInteger: CompositeOperator {
  static let type = "ConvInteger"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let operands = [
      nodes.centred(node.node.inputs[0], node.input(2)),
      nodes.centred(node.node.inputs[1], node.input(3)),
    ]
    nodes.add("Conv", operands, node.node.attributes, output: node.node.outputs[0])
    return true
  }
}

import ONNX

/// `MaxPool` of maps that lie `[n, h, w, c]`.
///
/// Shapes: `x [n, h, w, c] → y [n, oh, ow, c]`, quantised integers. ONNX Runtime `NhwcMaxPool`.
enum NhwcMaxPool: MicrosoftOperator {
  static let type = "NhwcMaxPool"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let maps = nodes.channelsFirst(node.node.inputs[0])
    let pooled = nodes.add("MaxPool", [maps], node.node.attributes)
    nodes.channelsLast(pooled, output: node.node.outputs[0])
    return true
  }
}

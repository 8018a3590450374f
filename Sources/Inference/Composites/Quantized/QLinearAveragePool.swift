import ONNX

/// The means of quantised integers in windows.
///
/// Shapes: `x [n, c, h, w] → y [n, c, oh, ow]`, or with `channels_last` 1 both with `c` last. ONNX Runtime
/// `QLinearAveragePool`. The mean is that of exact sums, and its halves go where they go there.
enum QLinearAveragePool: MicrosoftOperator {
  static let type = "QLinearAveragePool"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    try node.require(inputs: [0, 1, 3])
    let inputs = node.node.inputs
    let isChannelsLast = try node.isChannelsLast
    let maps = isChannelsLast ? nodes.channelsFirst(inputs[0]) : inputs[0]
    let means = nodes.add(
      "AveragePool", [nodes.centred(maps, node.input(2))],
      node.attributes(without: "channels_last"))
    let factor = nodes.add("Div", [inputs[1], inputs[3]])
    let zeroPoint = try nodes.zeroPoint(node, 4, like: [2])
    let output = node.node.outputs[0]
    let result = nodes.requantized(
      means, factor: factor, zeroPoint: zeroPoint, rounding: .away,
      output: isChannelsLast ? nil : output)
    if isChannelsLast { nodes.channelsLast(result, output: output) }
    return true
  }
}

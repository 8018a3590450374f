import ONNX

/// The means of quantised integers in windows.
///
/// Shapes: `x [n, c, h, w] → y [n, c, oh, ow]`, or with `channels_last` 1 both with `c` last. ONNX Runtime
/// `QLinearAveragePool`. Often the steps are the same before and after and a quarter of the means are halves
/// of a step: numbers are averaged, divided and rounded as there, or every quarter would be told otherwise.
enum QLinearAveragePool: MicrosoftOperator {
  static let type = "QLinearAveragePool"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    try node.require(inputs: [0, 1, 3])
    let inputs = node.node.inputs
    let isChannelsLast = try node.isChannelsLast
    let maps = isChannelsLast ? nodes.channelsFirst(inputs[0]) : inputs[0]
    let means = nodes.add(
      "AveragePool", [nodes.dequantized(maps, scale: inputs[1], node.input(2))],
      node.attributes(without: "channels_last"))
    let zeroPoint = try nodes.zeroPoint(node, 4, like: [2])
    let output = node.node.outputs[0]
    let result = nodes.requantized(
      nodes.add("Div", [means, inputs[3]]), factor: nodes.number(1), zeroPoint: zeroPoint,
      rounding: .evenIntegers, output: isChannelsLast ? nil : output)
    if isChannelsLast { nodes.channelsLast(result, output: output) }
    return true
  }
}

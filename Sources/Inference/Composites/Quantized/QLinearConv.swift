import ONNX

/// A convolution of integers, its result in integers: `Conv`, then `Requantize`.
///
/// Shapes: `x [n, c, h, w]`, `w [o, c/group, kh, kw]`, scales and zero points one number or `[o]`, `b [o]` in
/// steps of `x scale · w scale` → `y [n, o, oh, ow]`; with `channels_last` 1, `x` and `y` lie `[n, h, w, c]`. ONNX
/// `QLinearConv`, opsets 10–28, and ONNX Runtime's.
enum QLinearConv: CompositeOperator {
  static let type = "QLinearConv"
  static let domains = ["", MicrosoftDomain.name]
  static let requiredInputs = 8

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    let isChannelsLast = try node.isChannelsLast
    let maps = isChannelsLast ? nodes.channelsFirst(inputs[0]) : inputs[0]
    var operands = [nodes.centred(maps, inputs[2]), nodes.centred(inputs[3], inputs[5])]
    if let bias = node.input(8) { operands.append(nodes.float(bias)) }
    let sums = nodes.add("Conv", operands, node.attributes(without: "channels_last"))
    let factor = nodes.factor(inputs[1], inputs[4], over: inputs[6])
    let output = node.node.outputs[0]
    let result = nodes.requantized(
      sums, factor: factor, zeroPoint: inputs[7], output: isChannelsLast ? nil : output)
    if isChannelsLast { nodes.channelsLast(result, output: output) }
    return true
  }
}

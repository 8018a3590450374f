import ONNX

/// The mean of each map of quantised integers.
///
/// Shapes: `x [n, c, h, w] → y [n, c, 1, 1]`, or with `channels_last` 1 both with `c` last. ONNX Runtime
/// `QLinearGlobalAveragePool`. The sum is exact, and its steps count the number of elements too, as
/// there: means are halves often, and a rounded mean would round them another way.
enum QLinearGlobalAveragePool: MicrosoftOperator {
  static let type = "QLinearGlobalAveragePool"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    try node.require(inputs: [0, 1, 3])
    let inputs = node.node.inputs
    let axes = try node.isChannelsLast ? [1, 2] : [2, 3]
    let maps = nodes.centred(inputs[0], node.input(2))
    let sum =
      node.opset < 13
      ? nodes.add("ReduceSum", [maps], ["axes": .ints(axes)])
      : nodes.add("ReduceSum", [maps, nodes.integers(axes)])
    let extents = nodes.add("Shape", [inputs[0]])
    let area = nodes.add(
      "ReduceProd", [nodes.add("Gather", [extents, nodes.integers(axes)])],
      ["keepdims": .int(0)])
    let steps = nodes.add("Mul", [inputs[3], nodes.float(area)])
    let zeroPoint = try nodes.zeroPoint(node, 4, like: [2])
    nodes.requantized(
      sum, factor: nodes.add("Div", [inputs[1], steps]), zeroPoint: zeroPoint,
      output: node.node.outputs[0])
    return true
  }
}

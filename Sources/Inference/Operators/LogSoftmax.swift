/// `y = x − ln Σ e^x` along an axis, the logarithm of softmax.
///
/// Shapes: `x [...] → y [...]`. ONNX `LogSoftmax`, opsets 1–28; before opset 13 over the axis and all
/// that follow.
struct LogSoftmax: SoftmaxOperator {
  static let type = "LogSoftmax"
  static let takesLogarithm = true

  let axis: SoftmaxAxis

  init(_ node: NodeReader) throws { axis = try SoftmaxAxis(node) }
}

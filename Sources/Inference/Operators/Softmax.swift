/// `y = e^x / Σ e^x` along an axis.
///
/// Shapes: `x [...] → y [...]`. ONNX `Softmax`, opsets 1–13. Before opset 13 the sum runs over the
/// axis and all that follow.
struct Softmax: SoftmaxOperator {
  static let type = "Softmax"
  static let takesLogarithm = false

  let axis: SoftmaxAxis

  init(_ node: NodeReader) throws { axis = try SoftmaxAxis(node) }
}

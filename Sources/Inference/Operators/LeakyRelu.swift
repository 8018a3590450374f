/// `y = x` where `x ≥ 0`, else `α x`.
///
/// Shapes: `x [...] → y [...]`. ONNX `LeakyRelu`, opsets 6–24.
struct LeakyRelu: Operator {
  static let type = "LeakyRelu"

  private let alpha: Float

  init(_ node: NodeReader) throws {
    alpha = try node.float("alpha", default: 0.01)
  }
}

extension LeakyRelu: UnaryOperator {
  func value(_ x: Float) -> Float { x >= 0 ? x : alpha * x }
  func derivative(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : alpha }
  var activation: Activation? { .leakyRelu(alpha) }
}

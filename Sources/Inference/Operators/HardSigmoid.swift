/// `y = clamp(α x + β, 0, 1)`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `HardSigmoid`, opsets 6–22.
struct HardSigmoid: Operator {
  static let type = "HardSigmoid"

  private let alpha: Float
  private let beta: Float

  init(_ node: NodeReader) throws {
    alpha = try node.float("alpha", default: 0.2)
    beta = try node.float("beta", default: 0.5)
  }

  /// Whether `x` times this is HardSwish.
  var gatesHardSwish: Bool { (alpha * 6 - 1).magnitude < 1e-6 && beta == 0.5 }
}

extension HardSigmoid: UnaryOperator {
  func value(_ x: Float) -> Float { min(max(alpha * x + beta, 0), 1) }
  func derivative(_ x: Float, _ y: Float) -> Float { y > 0 && y < 1 ? alpha : 0 }
}

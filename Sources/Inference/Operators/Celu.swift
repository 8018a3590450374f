import Foundation

/// `y = max(x, 0) + min(0, α (e^(x/α) − 1))`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Celu`, opsets 12–28.
struct Celu: Operator {
  static let type = "Celu"

  private let alpha: Float

  init(_ node: NodeReader) throws {
    alpha = try node.float("alpha", default: 1)
  }
}

extension Celu: UnaryOperator {
  func value(_ x: Float) -> Float { max(x, 0) + min(0, alpha * (exp(x / alpha) - 1)) }
  func derivative(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : exp(x / alpha) }
}

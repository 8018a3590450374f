import Foundation

/// `y = x` where `x > 0`, else `α (e^x − 1)`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Elu`, opsets 6–28.
struct Elu: Operator {
  static let type = "Elu"

  private let alpha: Float

  init(_ node: NodeReader) throws {
    alpha = try node.float("alpha", default: 1)
  }
}

extension Elu: UnaryOperator {
  func value(_ x: Float) -> Float { x > 0 ? x : alpha * (exp(x) - 1) }
  func derivative(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : alpha * exp(x) }
  var activation: Activation? { .elu(alpha) }
}

import Foundation

/// `y = x · tanh(ln(1 + e^x))`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Mish`, opsets 18–28.
struct Mish: Operator {
  static let type = "Mish"

  init(_ node: NodeReader) {}
}

extension Mish: UnaryOperator {
  func value(_ x: Float) -> Float { x * tanh(log1p(exp(x))) }
  func derivative(_ x: Float, _ y: Float) -> Float {
    let t = tanh(log1p(exp(x)))
    return t + x * (1 - t * t) / (1 + exp(-x))
  }
  var activation: Activation? { .mish }
}

import Foundation

/// `y = e^x`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Exp`, opsets 6–28.
struct Exp: Operator {
  static let type = "Exp"

  init(_ node: NodeReader) {}
}

extension Exp: UnaryOperator {
  func value(_ x: Float) -> Float { exp(x) }
  func derivative(_ x: Float, _ y: Float) -> Float { y }
  var activation: Activation? { .exponential }
}

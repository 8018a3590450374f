import Foundation

/// `y = tanh x`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Tanh`, opsets 6–28.
struct Tanh: Operator {
  static let type = "Tanh"

  init(_ node: NodeReader) {}
}

extension Tanh: UnaryOperator {
  func value(_ x: Float) -> Float { tanh(x) }
  func derivative(_ x: Float, _ y: Float) -> Float { 1 - y * y }
  var activation: Activation? { .tanh }
}

/// `y = −1, 0 or 1`, the sign of `x`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Sign`, opsets 9–28.
struct Sign: Operator {
  static let type = "Sign"

  init(_ node: NodeReader) {}
}

// A staircase: flat wherever it has a derivative.
extension Sign: UnaryOperator {
  func value(_ x: Float) -> Float { x > 0 ? 1 : x < 0 ? -1 : 0 }
  func derivative(_ x: Float, _ y: Float) -> Float { 0 }
}

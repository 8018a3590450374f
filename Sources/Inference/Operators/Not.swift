/// `y = 1 − x` for truth values, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Not`, opsets 1–28.
struct Not: Operator {
  static let type = "Not"

  init(_ node: NodeReader) {}
}

extension Not: UnaryOperator {
  func value(_ x: Float) -> Float { x == 0 ? 1 : 0 }
  func derivative(_ x: Float, _ y: Float) -> Float { 0 }
}

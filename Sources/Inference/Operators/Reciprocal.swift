/// `y = 1 / x`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Reciprocal`, opsets 6–28.
struct Reciprocal: Operator {
  static let type = "Reciprocal"

  init(_ node: NodeReader) {}
}

extension Reciprocal: UnaryOperator {
  func value(_ x: Float) -> Float { 1 / x }
  func derivative(_ x: Float, _ y: Float) -> Float { -y * y }
}

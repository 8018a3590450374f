/// `y = −x`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Neg`, opsets 6–28.
struct Neg: Operator {
  static let type = "Neg"

  init(_ node: NodeReader) {}
}

extension Neg: UnaryOperator {
  func value(_ x: Float) -> Float { -x }
  func derivative(_ x: Float, _ y: Float) -> Float { -1 }
}

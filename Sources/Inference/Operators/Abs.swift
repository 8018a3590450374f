/// `y = |x|`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Abs`, opsets 6–28.
struct Abs: Operator {
  static let type = "Abs"

  init(_ node: NodeReader) {}
}

extension Abs: UnaryOperator {
  func value(_ x: Float) -> Float { x.magnitude }
  func derivative(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : x < 0 ? -1 : 0 }
}

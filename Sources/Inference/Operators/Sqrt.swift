/// `y = √x`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Sqrt`, opsets 6–28.
struct Sqrt: Operator {
  static let type = "Sqrt"

  init(_ node: NodeReader) {}
}

extension Sqrt: UnaryOperator {
  func value(_ x: Float) -> Float { x.squareRoot() }
  func derivative(_ x: Float, _ y: Float) -> Float { 0.5 / y }
}

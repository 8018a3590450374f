/// `y = x / (1 + |x|)`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Softsign`, opsets 1–28.
struct Softsign: Operator {
  static let type = "Softsign"

  init(_ node: NodeReader) {}
}

extension Softsign: UnaryOperator {
  func value(_ x: Float) -> Float { x / (1 + x.magnitude) }
  func derivative(_ x: Float, _ y: Float) -> Float {
    1 / ((1 + x.magnitude) * (1 + x.magnitude))
  }
}

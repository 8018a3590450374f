/// `y = x` rounded to the nearest integer, halves to even.
///
/// Shapes: `x [...] → y [...]`. ONNX `Round`, opsets 11–28.
struct Round: Operator {
  static let type = "Round"

  init(_ node: NodeReader) {}
}

// A staircase: flat wherever it has a derivative.
extension Round: UnaryOperator {
  func value(_ x: Float) -> Float { x.rounded(.toNearestOrEven) }
  func derivative(_ x: Float, _ y: Float) -> Float { 0 }
}

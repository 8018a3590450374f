/// `y = ⌊x⌋`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Floor`, opsets 6–28.
struct Floor: Operator {
  static let type = "Floor"

  init(_ node: NodeReader) {}
}

// A staircase: flat wherever it has a derivative.
extension Floor: UnaryOperator {
  func value(_ x: Float) -> Float { x.rounded(.down) }
  func derivative(_ x: Float, _ y: Float) -> Float { 0 }
}

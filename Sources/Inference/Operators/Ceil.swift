/// `y = ⌈x⌉`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Ceil`, opsets 6–28.
struct Ceil: Operator {
  static let type = "Ceil"

  init(_ node: NodeReader) {}
}

// A staircase: flat wherever it has a derivative.
extension Ceil: UnaryOperator {
  func value(_ x: Float) -> Float { x.rounded(.up) }
  func derivative(_ x: Float, _ y: Float) -> Float { 0 }
}

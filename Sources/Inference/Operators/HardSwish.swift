/// `y = x · clamp(x / 6 + 1/2, 0, 1)`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `HardSwish`, opsets 14–22.
struct HardSwish: Operator {
  static let type = "HardSwish"

  init() {}
  init(_ node: NodeReader) {}
}

extension HardSwish: UnaryOperator {
  func value(_ x: Float) -> Float { x * min(max(x / 6 + 0.5, 0), 1) }

  func derivative(_ x: Float, _ y: Float) -> Float {
    if x <= -3 { return 0 }
    return x >= 3 ? 1 : x / 3 + 0.5
  }

  var activation: Activation? { .hardSwish }
}

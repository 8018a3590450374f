/// `y = 1` where `x` is not a number, else 0.
///
/// Shapes: `x [...] → y [...]`. ONNX `IsNaN`, opsets 9–28.
struct IsNaN: Operator {
  static let type = "IsNaN"

  init(_ node: NodeReader) {}
}

extension IsNaN: UnaryOperator {
  func value(_ x: Float) -> Float { x.isNaN ? 1 : 0 }
  func derivative(_ x: Float, _ y: Float) -> Float { 0 }
}

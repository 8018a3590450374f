/// `y = max(x, 0)`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Relu`, opsets 6–24.
struct Relu: Operator {
  static let type = "Relu"

  init(_ node: NodeReader) {}
}

// At exactly 0 the kink takes the left derivative, as PyTorch does.
extension Relu: UnaryOperator {
  func value(_ x: Float) -> Float { x > 0 || x.isNaN ? x : 0 }
  func derivative(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : 0 }
  var activation: Activation? { .relu }
}

import Foundation

/// `y = ln(1 + e^x)`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Softplus`, opsets 1–28.
struct Softplus: Operator {
  static let type = "Softplus"

  init(_ node: NodeReader) {}
}

extension Softplus: UnaryOperator {
  func value(_ x: Float) -> Float { max(x, 0) + log1p(exp(-x.magnitude)) }
  func derivative(_ x: Float, _ y: Float) -> Float { 1 / (1 + exp(-x)) }
}

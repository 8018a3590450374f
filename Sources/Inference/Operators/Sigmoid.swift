import Foundation

/// `y = 1 / (1 + e^−x)`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Sigmoid`, opsets 6–24.
struct Sigmoid: Operator {
  static let type = "Sigmoid"

  init(_ node: NodeReader) {}
}

extension Sigmoid: UnaryOperator {
  func value(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
  func derivative(_ x: Float, _ y: Float) -> Float { y * (1 - y) }
  var activation: Activation? { .sigmoid }
}

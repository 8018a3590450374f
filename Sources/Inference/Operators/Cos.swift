import Foundation

/// `y = cos x`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Cos`, opsets 7–28.
struct Cos: Operator {
  static let type = "Cos"

  init(_ node: NodeReader) {}
}

extension Cos: UnaryOperator {
  func value(_ x: Float) -> Float { cos(x) }
  func derivative(_ x: Float, _ y: Float) -> Float { -sin(x) }
}

import Foundation

/// `y = sin x`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Sin`, opsets 7–28.
struct Sin: Operator {
  static let type = "Sin"

  init(_ node: NodeReader) {}
}

extension Sin: UnaryOperator {
  func value(_ x: Float) -> Float { sin(x) }
  func derivative(_ x: Float, _ y: Float) -> Float { cos(x) }
}

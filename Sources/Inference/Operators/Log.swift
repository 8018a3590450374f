import Foundation

/// `y = ln x`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Log`, opsets 6–28.
struct Log: Operator {
  static let type = "Log"

  init(_ node: NodeReader) {}
}

extension Log: UnaryOperator {
  func value(_ x: Float) -> Float { log(x) }
  func derivative(_ x: Float, _ y: Float) -> Float { 1 / x }
}

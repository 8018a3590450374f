/// `y = 1` where `x` is infinite, else 0.
///
/// Shapes: `x [...] → y [...]`. ONNX `IsInf`, opsets 10–28.
struct IsInf: Operator {
  static let type = "IsInf"

  private let findsNegative: Bool
  private let findsPositive: Bool

  init(_ node: NodeReader) throws {
    findsNegative = try node.int("detect_negative", default: 1) == 1
    findsPositive = try node.int("detect_positive", default: 1) == 1
  }
}

extension IsInf: UnaryOperator {
  func value(_ x: Float) -> Float {
    x.isInfinite && (x > 0 ? findsPositive : findsNegative) ? 1 : 0
  }

  func derivative(_ x: Float, _ y: Float) -> Float { 0 }
}

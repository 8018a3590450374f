/// `y = a` where `a ≥ 0`, else `b · a`, with `b` broadcast to `a`.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `PRelu`, opsets 7–28.
struct PRelu: Operator {
  static let type = "PRelu"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension PRelu: BinaryOperator {
  func value(_ a: Float, _ b: Float) -> Float { a >= 0 ? a : a * b }

  func value(_ a: Int64, _ b: Int64) -> Int64? {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return a >= 0 ? a : overflow ? nil : product
  }

  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) { a > 0 ? (1, 0) : (b, a) }
}

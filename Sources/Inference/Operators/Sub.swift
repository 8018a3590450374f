/// `y = a − b`, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Sub`, opsets 7–14.
struct Sub: Operator {
  static let type = "Sub"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Sub: BinaryOperator {
  func value(_ a: Float, _ b: Float) -> Float { a - b }

  func value(_ a: Int64, _ b: Int64) -> Int64? {
    let (result, overflow) = a.subtractingReportingOverflow(b)
    return overflow ? nil : result
  }

  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) { (1, -1) }
}

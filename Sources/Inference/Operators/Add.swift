/// `y = a + b`, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Add`, opsets 7–14.
struct Add: Operator {
  static let type = "Add"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Add: BinaryOperator {
  func value(_ a: Float, _ b: Float) -> Float { a + b }

  func value(_ a: Int64, _ b: Int64) -> Int64? {
    let (result, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : result
  }

  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) { (1, 1) }
}

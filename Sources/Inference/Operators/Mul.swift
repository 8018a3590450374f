/// `y = a · b`, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Mul`, opsets 7–14.
struct Mul: Operator {
  static let type = "Mul"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Mul: BinaryOperator {
  func value(_ a: Float, _ b: Float) -> Float { a * b }

  func value(_ a: Int64, _ b: Int64) -> Int64? {
    let (result, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : result
  }

  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) { (b, a) }
}

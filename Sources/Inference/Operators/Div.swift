/// `y = a / b`, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Div`, opsets 7–14.
struct Div: Operator {
  static let type = "Div"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Div: BinaryOperator {
  func value(_ a: Float, _ b: Float) -> Float { a / b }

  func value(_ a: Int64, _ b: Int64) -> Int64? {
    let (result, overflow) = a.dividedReportingOverflow(by: b)
    return overflow ? nil : result
  }

  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) { (1 / b, -a / (b * b)) }
}

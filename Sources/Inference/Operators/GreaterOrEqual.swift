import Tensors

/// `y = 1` where `a ≥ b`, else 0, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `GreaterOrEqual`, opsets 12–28.
struct GreaterOrEqual: Operator {
  static let type = "GreaterOrEqual"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension GreaterOrEqual: ComparisonOperator {
  func holds<Number: Comparable & Numeric>(_ a: Number, _ b: Number) -> Bool { a >= b }
}

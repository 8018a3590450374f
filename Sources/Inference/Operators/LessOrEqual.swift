import Tensors

/// `y = 1` where `a ≤ b`, else 0, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `LessOrEqual`, opsets 12–28.
struct LessOrEqual: Operator {
  static let type = "LessOrEqual"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension LessOrEqual: ComparisonOperator {
  func holds<Number: Comparable & Numeric>(_ a: Number, _ b: Number) -> Bool { a <= b }
}

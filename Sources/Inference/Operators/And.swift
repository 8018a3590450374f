import Tensors

/// `y = 1` where `a and b`, else 0, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `And`, opsets 7–28.
struct And: Operator {
  static let type = "And"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension And: ComparisonOperator {
  func holds<Number: Comparable & Numeric>(_ a: Number, _ b: Number) -> Bool { a != 0 && b != 0 }
}

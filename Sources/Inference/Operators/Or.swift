import Tensors

/// `y = 1` where `a or b`, else 0, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Or`, opsets 7–28.
struct Or: Operator {
  static let type = "Or"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Or: ComparisonOperator {
  func holds<Number: Comparable & Numeric>(_ a: Number, _ b: Number) -> Bool { a != 0 || b != 0 }
}

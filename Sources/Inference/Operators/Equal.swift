import Tensors

/// `y = 1` where `a = b`, else 0, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Equal`, opsets 7–28.
struct Equal: Operator {
  static let type = "Equal"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Equal: ComparisonOperator {
  func holds<Number: Comparable & Numeric>(_ a: Number, _ b: Number) -> Bool { a == b }
}

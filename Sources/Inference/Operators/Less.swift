import Tensors

/// `y = 1` where `a < b`, else 0, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Less`, opsets 7–28.
struct Less: Operator {
  static let type = "Less"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Less: ComparisonOperator {
  func holds<Number: Comparable & Numeric>(_ a: Number, _ b: Number) -> Bool { a < b }
}

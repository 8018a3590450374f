import Tensors

/// `y = 1` where `a > b`, else 0, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Greater`, opsets 7–28.
struct Greater: Operator {
  static let type = "Greater"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Greater: ComparisonOperator {
  func holds<Number: Comparable & Numeric>(_ a: Number, _ b: Number) -> Bool { a > b }
}

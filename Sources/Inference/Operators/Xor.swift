import Tensors

/// `y = 1` where `one of a and b`, else 0, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Xor`, opsets 7–28.
struct Xor: Operator {
  static let type = "Xor"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Xor: ComparisonOperator {
  func holds<Number: Comparable & Numeric>(_ a: Number, _ b: Number) -> Bool {
    (a != 0) != (b != 0)
  }
}

/// `y = min(a, b)`, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Min`, opsets 8–28. The
/// compiler takes more than two operands by pairs.
struct Min: Operator {
  static let type = "Min"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Min: BinaryOperator {
  func value(_ a: Float, _ b: Float) -> Float { a.isNaN || a < b ? a : b }

  func value(_ a: Int64, _ b: Int64) -> Int64? { min(a, b) }

  // Of equals each receives half, as PyTorch has it.
  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) {
    a == b ? (0.5, 0.5) : a < b ? (1, 0) : (0, 1)
  }
}

/// `y = max(a, b)`, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Max`, opsets 8–28. The
/// compiler takes more than two operands by pairs.
struct Max: Operator {
  static let type = "Max"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Max: BinaryOperator {
  func value(_ a: Float, _ b: Float) -> Float { a.isNaN || a > b ? a : b }

  func value(_ a: Int64, _ b: Int64) -> Int64? { max(a, b) }

  // Of equals each receives half, as PyTorch has it.
  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) {
    a == b ? (0.5, 0.5) : a > b ? (1, 0) : (0, 1)
  }
}

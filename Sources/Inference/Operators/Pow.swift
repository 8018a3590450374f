import Foundation

/// `y = a ^ b`, element by element with broadcasting.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Pow`, opsets 7–28.
struct Pow: Operator {
  static let type = "Pow"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}
}

extension Pow: BinaryOperator {
  func value(_ a: Float, _ b: Float) -> Float { b == 2 ? a * a : pow(a, b) }

  func value(_ a: Int64, _ b: Int64) -> Int64? {
    let power = pow(Double(a), Double(b))
    return power.magnitude < 9e15 ? Int64(power) : nil
  }

  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) {
    let byBase = b == 2 ? 2 * a : b == 0 ? 0 : b * pow(a, b - 1)
    return (byBase, a > 0 ? pow(a, b) * log(a) : 0)
  }
}

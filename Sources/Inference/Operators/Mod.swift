import Foundation

/// `y = a mod b`, with the sign of `b`, or of `a` where `fmod` is 1.
///
/// Shapes: `a [...]`, `b [...]` → their broadcast. ONNX `Mod`, opsets 10–28.
struct Mod: Operator {
  static let type = "Mod"
  static let requiredInputs = 2

  private let takesSignOfLeft: Bool

  init(_ node: NodeReader) throws {
    takesSignOfLeft = try node.int("fmod", default: 0) == 1
  }
}

extension Mod: BinaryOperator {
  func value(_ a: Float, _ b: Float) -> Float {
    let rest = fmod(a, b)
    return takesSignOfLeft || rest == 0 || (rest < 0) == (b < 0) ? rest : rest + b
  }

  func value(_ a: Int64, _ b: Int64) -> Int64? {
    guard b != 0, b != -1 else { return b == 0 ? nil : 0 }
    let rest = a % b
    return takesSignOfLeft || rest == 0 || (rest < 0) == (b < 0) ? rest : rest + b
  }

  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) {
    (1, takesSignOfLeft ? -(a / b).rounded(.towardZero) : -(a / b).rounded(.down))
  }
}

import Foundation

/// `y = 2/√π ∫₀ˣ e^(−t²) dt`, the error function, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Erf`, opsets 9–28.
struct Erf: Operator {
  static let type = "Erf"

  init(_ node: NodeReader) {}
}

extension Erf: UnaryOperator {
  func value(_ x: Float) -> Float { erf(x) }
  func derivative(_ x: Float, _ y: Float) -> Float { 2 / Float.pi.squareRoot() * exp(-x * x) }
}

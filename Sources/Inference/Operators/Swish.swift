import Foundation

/// `y = x / (1 + e^(−α x))`, also called SiLU, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Swish`, opsets 24–28.
/// Exporters before opset 24 write `x · Sigmoid(x)`, which the compiler turns into it.
struct Swish: Operator {
  static let type = "Swish"

  private let alpha: Float

  init(_ node: NodeReader) throws {
    alpha = try node.float("alpha", default: 1)
  }

  init() {
    alpha = 1
  }
}

extension Swish: UnaryOperator {
  func value(_ x: Float) -> Float { x / (1 + exp(-alpha * x)) }
  func derivative(_ x: Float, _ y: Float) -> Float {
    let s = 1 / (1 + exp(-alpha * x))
    return s + alpha * y * (1 - s)
  }
  var activation: Activation? { .swish(alpha) }
}

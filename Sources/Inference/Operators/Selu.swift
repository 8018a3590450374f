import Foundation

/// `y = γ x` where `x > 0`, else `γ α (e^x − 1)`, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `Selu`, opsets 6–28.
struct Selu: Operator {
  static let type = "Selu"

  private let alpha: Float
  private let gamma: Float

  init(_ node: NodeReader) throws {
    alpha = try node.float("alpha", default: 1.673_263_2)
    gamma = try node.float("gamma", default: 1.050_701)
  }
}

extension Selu: UnaryOperator {
  func value(_ x: Float) -> Float { x > 0 ? gamma * x : gamma * alpha * (exp(x) - 1) }
  func derivative(_ x: Float, _ y: Float) -> Float { x > 0 ? gamma : gamma * alpha * exp(x) }
}

/// `y = x` where `x > α`, else 0, element by element.
///
/// Shapes: `x [...] → y [...]`. ONNX `ThresholdedRelu`, opsets 10–28.
struct ThresholdedRelu: Operator {
  static let type = "ThresholdedRelu"

  private let alpha: Float

  init(_ node: NodeReader) throws {
    alpha = try node.float("alpha", default: 1)
  }
}

extension ThresholdedRelu: UnaryOperator {
  func value(_ x: Float) -> Float { x > alpha ? x : 0 }
  func derivative(_ x: Float, _ y: Float) -> Float { x > alpha ? 1 : 0 }
}

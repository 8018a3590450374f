/// The sum of magnitudes over some axes.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceL1`, opsets 1–28; axes are an
/// attribute, or a constant input in later opsets.
struct ReduceL1: Operator {
  static let type = "ReduceL1"

  let axes: ReducedAxes

  init(_ node: NodeReader) throws {
    axes = try ReducedAxes(node)
  }
}

extension ReduceL1: Reduction {
  func join(_ sum: Float, _ x: Float) -> Float { sum + x.magnitude }
  func derivative(_ x: Float, _ y: Float, count: Int) -> Float { x > 0 ? 1 : x < 0 ? -1 : 0 }
}

/// The sum of squares over some axes.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceSumSquare`, opsets 1–28; axes are an
/// attribute, or a constant input in later opsets.
struct ReduceSumSquare: Operator {
  static let type = "ReduceSumSquare"

  let axes: ReducedAxes

  init(_ node: NodeReader) throws {
    axes = try ReducedAxes(node)
  }
}

extension ReduceSumSquare: Reduction {
  func join(_ sum: Float, _ x: Float) -> Float { sum + x * x }
  func derivative(_ x: Float, _ y: Float, count: Int) -> Float { 2 * x }
}

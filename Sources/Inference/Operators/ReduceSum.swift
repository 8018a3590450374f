/// The sum over some axes.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceSum`, opsets 1–28; axes are an
/// attribute, or a constant input in later opsets.
struct ReduceSum: Operator {
  static let type = "ReduceSum"

  let axes: ReducedAxes

  init(_ node: NodeReader) throws {
    axes = try ReducedAxes(node)
  }
}

extension ReduceSum: Reduction {
  func join(_ sum: Float, _ x: Float) -> Float { sum + x }
  func derivative(_ x: Float, _ y: Float, count: Int) -> Float { 1 }
}

/// The smallest element over some axes.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceMin`, opsets 1–28; axes are an
/// attribute, or a constant input in later opsets.
struct ReduceMin: Operator {
  static let type = "ReduceMin"

  let axes: ReducedAxes

  init(_ node: NodeReader) throws {
    axes = try ReducedAxes(node)
  }
}

extension ReduceMin: Reduction {
  static var start: Float { .infinity }
  func join(_ sum: Float, _ x: Float) -> Float { min(sum, x) }
  // Of several smallest elements each receives the whole gradient.
  func derivative(_ x: Float, _ y: Float, count: Int) -> Float { x == y ? 1 : 0 }
}

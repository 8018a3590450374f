/// The product over some axes.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceProd`, opsets 1–28; axes are an
/// attribute, or a constant input in later opsets.
struct ReduceProd: Operator {
  static let type = "ReduceProd"

  let axes: ReducedAxes

  init(_ node: NodeReader) throws {
    axes = try ReducedAxes(node)
  }
}

extension ReduceProd: Reduction {
  static var start: Float { 1 }
  func join(_ sum: Float, _ x: Float) -> Float { sum * x }
  func derivative(_ x: Float, _ y: Float, count: Int) -> Float { x == 0 ? 0 : y / x }
}

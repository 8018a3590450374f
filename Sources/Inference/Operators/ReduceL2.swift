/// The Euclidean norm over some axes.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceL2`, opsets 1–28; axes are an
/// attribute, or a constant input in later opsets.
struct ReduceL2: Operator {
  static let type = "ReduceL2"

  let axes: ReducedAxes

  init(_ node: NodeReader) throws {
    axes = try ReducedAxes(node)
  }
}

extension ReduceL2: Reduction {
  func join(_ sum: Float, _ x: Float) -> Float { sum + x * x }
  func finish(_ sum: Float, count: Int) -> Float { sum.squareRoot() }
  func derivative(_ x: Float, _ y: Float, count: Int) -> Float { y == 0 ? 0 : x / y }
}

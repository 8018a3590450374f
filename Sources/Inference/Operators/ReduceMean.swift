/// The mean over some axes.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceMean`, opsets 1–28; axes are an
/// attribute, or a constant input in later opsets.
struct ReduceMean: Operator {
  static let type = "ReduceMean"

  let axes: ReducedAxes

  init(_ node: NodeReader) throws {
    axes = try ReducedAxes(node)
  }
}

extension ReduceMean: Reduction {
  func join(_ sum: Float, _ x: Float) -> Float { sum + x }
  func finish(_ sum: Float, count: Int) -> Float { sum / Float(max(count, 1)) }
  func derivative(_ x: Float, _ y: Float, count: Int) -> Float { 1 / Float(max(count, 1)) }
}

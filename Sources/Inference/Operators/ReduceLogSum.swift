import Foundation

/// The logarithm of the sum over some axes.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceLogSum`, opsets 1–28; axes are an
/// attribute, or a constant input in later opsets.
struct ReduceLogSum: Operator {
  static let type = "ReduceLogSum"

  let axes: ReducedAxes

  init(_ node: NodeReader) throws {
    axes = try ReducedAxes(node)
  }
}

extension ReduceLogSum: Reduction {
  func join(_ sum: Float, _ x: Float) -> Float { sum + x }
  func finish(_ sum: Float, count: Int) -> Float { log(sum) }
  func derivative(_ x: Float, _ y: Float, count: Int) -> Float { exp(-y) }
}

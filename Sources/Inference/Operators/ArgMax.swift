import Tensors

/// Where along an axis the largest number stands.
///
/// Shapes: `x [..., d, ...] → y [..., 1, ...]`, without the axis where `keepdims` is 0. ONNX
/// `ArgMax`, opsets 1–28.
struct ArgMax: Operator {
  static let type = "ArgMax"

  let search: ExtremeSearch

  init(_ node: NodeReader) throws {
    search = try ExtremeSearch(node)
  }
}

extension ArgMax: ExtremePositionOperator {
  static let wantsLargest = true
}

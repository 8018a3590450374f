import Tensors

/// Where along an axis the smallest number stands.
///
/// Shapes: `x [..., d, ...] → y [..., 1, ...]`, without the axis where `keepdims` is 0. ONNX
/// `ArgMin`, opsets 1–28.
struct ArgMin: Operator {
  static let type = "ArgMin"

  let search: ExtremeSearch

  init(_ node: NodeReader) throws {
    search = try ExtremeSearch(node)
  }
}

extension ArgMin: ExtremePositionOperator {
  static let wantsLargest = false
}

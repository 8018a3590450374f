/// `y[n, c, i, j] = mean` of `x[n, c]` over a window.
///
/// Shapes: `x [n, c, h, w] → y [n, c, oh, ow]`. ONNX `AveragePool`, opsets 1–22. Pads are left out of
/// the mean unless `count_include_pad` is 1. Each element of a window receives an equal share of the
/// gradient.
struct AveragePool: PoolingOperator {
  static let type = "AveragePool"

  let reduction: WindowedReduction

  init(_ node: NodeReader) throws {
    let countsPads = try node.int("count_include_pad", default: 0) == 1
    reduction = try WindowedReduction(node, reduction: .mean(countsPads: countsPads))
  }

  init(reduction: WindowedReduction) {
    self.reduction = reduction
  }
}

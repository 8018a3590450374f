/// `y[n, c, i, j] = max` of `x[n, c]` over a window; pads never win.
///
/// Shapes: `x [n, c, h, w] → y [n, c, oh, ow]`. ONNX `MaxPool`, opsets 1–22, first output only. The
/// gradient goes to the element that won; of equals, to the first.
struct MaxPool: PoolingOperator {
  static let type = "MaxPool"

  let reduction: WindowedReduction

  init(_ node: NodeReader) throws {
    reduction = try WindowedReduction(node, reduction: .maximum)
    guard node.node.outputs.count == 1 else {
      throw node.failure("the output of indices is not supported")
    }
  }

  init(reduction: WindowedReduction) {
    self.reduction = reduction
  }
}

/// `y[n, c] = mean` of `x[n, c]` over the whole map.
///
/// Shapes: `x [n, c, …] → y [n, c, 1, …]`. ONNX `GlobalAveragePool`, opsets 1–22.
struct GlobalAveragePool: GlobalPoolingOperator {
  typealias OverAxes = ReduceMean
  static let type = "GlobalAveragePool"
  static let pooling = Pooling.Reduction.mean(countsPads: false)

  init(_ node: NodeReader) {}
}

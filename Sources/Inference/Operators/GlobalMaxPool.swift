/// `y[n, c] = max` of `x[n, c]` over the whole map.
///
/// Shapes: `x [n, c, …] → y [n, c, 1, …]`. ONNX `GlobalMaxPool`, opsets 1–28. The gradient of
/// two-dimensional maps goes to the element that won, of equals to the first.
struct GlobalMaxPool: GlobalPoolingOperator {
  typealias OverAxes = ReduceMax
  static let type = "GlobalMaxPool"
  static let pooling = Pooling.Reduction.maximum

  init(_ node: NodeReader) {}
}

import Tensors

/// The number of elements of the input.
///
/// Shapes: `x [...] → y []`. ONNX `Size`, opsets 1–28. Known as soon as the batch size is.
struct Size: ConstantOperator {
  static let type = "Size"

  init(_ node: NodeReader) {}

  func fold(_ inputs: [Tensor?]) -> [Tensor]? {
    inputs[0].map { [Tensor([], [Int64($0.shape.count)])] }
  }
}

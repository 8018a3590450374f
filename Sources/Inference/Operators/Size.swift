import Tensors

/// The number of elements of the input.
///
/// Shapes: `x [...] → y []`. ONNX `Size`, opsets 1–28. Known as soon as the batch size is.
struct Size: ShapeReader {
  static let type = "Size"

  init(_ node: NodeReader) {}

  func fold(shape: Shape) -> Tensor { Tensor([], [Int64(shape.count)]) }
}

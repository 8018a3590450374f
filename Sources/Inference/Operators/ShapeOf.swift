import Tensors

/// The extents of the input, as integers.
///
/// Shapes: `x [...] → y [rank]`. ONNX `Shape`, opsets 1–24. Known as soon as the batch size is.
struct ShapeOf: ShapeReader {
  static let type = "Shape"

  private let start: Int
  private let end: Int?

  init(_ node: NodeReader) throws {
    start = try node.int("start", default: 0)
    end = node.node.attributes["end"] == nil ? nil : try node.int("end", default: 0)
  }

  /// The result for an input whose shape is known even though its elements are not.
  func fold(shape: Shape) -> Tensor {
    func clamp(_ axis: Int) -> Int { min(max(axis < 0 ? axis + shape.rank : axis, 0), shape.rank) }
    let lower = clamp(start)
    let upper = max(lower, end.map(clamp) ?? shape.rank)
    let extents = shape.dimensions[lower..<upper].map { Int64($0) }
    return Tensor([extents.count], extents)
  }
}

/// An operator that needs to know its input's shape alone.
protocol ShapeReader: ConstantOperator {
  /// The result for an input whose shape is known even though its elements are not.
  func fold(shape: Shape) -> Tensor
}

extension ShapeReader {
  package func fold(_ inputs: [Tensor?]) -> [Tensor]? {
    inputs[0].map { [fold(shape: $0.shape)] }
  }
}

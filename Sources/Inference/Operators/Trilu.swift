import Tensors

/// The upper or lower triangle of matrices, 0 elsewhere.
///
/// Shapes: `x [..., m, n]`, `k []` constant → `y [..., m, n]`. ONNX `Trilu`, opsets 14–28.
struct Trilu: Operator {
  static let type = "Trilu"

  private let isUpper: Bool

  init(_ node: NodeReader) throws {
    isUpper = try node.int("upper", default: 1) == 1
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    guard inputs[0].shape.rank >= 2 else { throw ShapeMismatch("\(inputs[0].shape) is no matrix") }
    return [inputs[0].shape]
  }
}

extension Trilu: RearrangingOperator {
  func rearrangement(
    _ inputs: [ValueDescription], output: ValueDescription
  ) throws -> Rearrangement {
    let x = inputs[0].shape
    let (rows, columns) = (x[x.rank - 2], x[x.rank - 1])
    let diagonal = inputs.count > 1 ? try inputs[1].integers("k").first ?? 0 : 0
    let sources = (0..<x.count).map { element in
      let (row, column) = (element / columns % rows, element % columns)
      let isKept = isUpper ? column - row >= diagonal : column - row <= diagonal
      return isKept ? Int32(element) : -1
    }
    return Rearrangement(sources: sources, sourceCount: x.count)
  }
}

import Tensors

/// The zero point 0 of the same kind of integer as another zero point.
///
/// Shapes: `x [...]` constant → `y []`. Not an operator of ONNX: it stands for a zero point that is left
/// out, whose kind the operands' tell.
struct ZeroPointLike: Operator {
  static let type = "ZeroPointLike"

  init(_ node: NodeReader) {}

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    throw ShapeMismatch("zero points must be constants")
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    throw ShapeMismatch("zero points must be constants")
  }
}

extension ZeroPointLike: FoldableOperator {
  func fold(_ inputs: [Tensor?]) -> [Tensor]? {
    inputs[0].map { [Tensor([], .int64([0]), type: $0.elementType)] }
  }
}

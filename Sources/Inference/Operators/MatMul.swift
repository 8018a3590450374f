import Tensors

/// `y = activation(a · b + bias + residual)` over the last two axes, the axes before them broadcast.
///
/// Shapes: `a [..., m, k]`, `b [..., k, n]` → `y [..., m, n]`; a vector is a row on the left and a
/// column on the right. ONNX `MatMul`, opsets 1–28. The compiler may fuse additions and an activation
/// that follow: the bias `[n]` is then the third input, the residual the last.
struct MatMul: Operator {
  static let type = "MatMul"
  static let requiredInputs = 2

  var hasBias = false
  var addsResidual = false
  var activation: Activation?

  init(_ node: NodeReader) {}

  var packsConstants: Bool { true }

  /// The operands with vectors as matrices.
  private func matrices(_ inputs: [ValueDescription]) -> (ValueDescription, ValueDescription) {
    var (a, b) = (inputs[0], inputs[1])
    if a.shape.rank == 1 { a.shape = [1, a.shape[0]] }
    if b.shape.rank == 1 { b.shape = [b.shape[0], 1] }
    return (a, b)
  }

  private func matrixShape(_ inputs: [ValueDescription]) throws -> Shape {
    let (left, right) = matrices(inputs)
    let (a, b) = (left.shape, right.shape)
    guard a.rank >= 2, b.rank >= 2, a[a.rank - 1] == b[b.rank - 2],
      let batch = Shape(a.dimensions.dropLast(2)).broadcast(with: Shape(b.dimensions.dropLast(2)))
    else { throw ShapeMismatch("\(inputs[0].shape) · \(inputs[1].shape)") }
    return Shape(batch.dimensions + [a[a.rank - 2], b[b.rank - 1]])
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    var shape = try matrixShape(inputs)
    if inputs[0].shape.rank == 1 { shape.dimensions.remove(at: shape.rank - 2) }
    if inputs[1].shape.rank == 1 { shape.dimensions.removeLast() }
    return [shape]
  }

  func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int {
    output.count * inputs[0].shape[inputs[0].shape.rank - 1]
  }

  /// The residual's memory may become the result's.
  func inPlaceInputs(for inputs: [ValueDescription]) -> [Int] {
    addsResidual ? [inputs.count - 1] : []
  }

  private func product(_ context: KernelContext) throws -> MatrixProduct {
    let (a, b) = matrices(context.inputs)
    var result = context.output
    result.shape = try matrixShape(context.inputs)
    var product = MatrixProduct(
      left: .init(a, index: 0), right: .init(b, index: 1), result: result, label: context.label)
    product.bias = hasBias ? 2 : nil
    product.residual = addsResidual ? context.inputs.count - 1 : nil
    product.activation = activation
    return product
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try product(context).forward(context)
  }
}

extension MatMul: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try product(context).gradient(context)
  }
}

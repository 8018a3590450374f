import Tensors

/// The matrix product over the last two axes, the axes before them broadcast.
///
/// Shapes: `a [..., m, k]`, `b [..., k, n]` → `y [..., m, n]`. ONNX `MatMul`, opsets 1–13.
struct MatMul: Operator {
  static let type = "MatMul"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    guard a.rank >= 2, b.rank >= 2, a[a.rank - 1] == b[b.rank - 2],
      let batch = Shape(a.dimensions.dropLast(2)).broadcast(with: Shape(b.dimensions.dropLast(2)))
    else { throw ShapeMismatch("\(a) · \(b)") }
    return [Shape(batch.dimensions + [a[a.rank - 2], b[b.rank - 1]])]
  }

  func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int {
    output.count * inputs[0].shape[inputs[0].shape.rank - 1]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let products = MatrixProducts(context)
    return FunctionKernel { buffers in
      let (rows, inner, columns) = products.extents
      products.multiplyEach { a, b, y in
        multiply(
          MatrixOperand(buffers.input(0) + a, rowStride: inner),
          MatrixOperand(buffers.input(1) + b, rowStride: columns),
          into: buffers.output + y, rows: rows, columns: columns, inner: inner)
      }
    }
  }
}

// ∂a = ∂y · bᵀ, ∂b = aᵀ · ∂y, summed over broadcast axes.
extension MatMul: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let products = MatrixProducts(context)
    let counts = context.inputs.map(\.shape.count)
    return FunctionKernel { buffers in
      let (rows, inner, columns) = products.extents
      if let aGradient = buffers.inputGradients[0] {
        aGradient.update(repeating: 0, count: counts[0])
        products.multiplyEach { a, b, y in
          multiply(
            MatrixOperand(buffers.gradient + y, rowStride: columns),
            MatrixOperand(buffers.input(1) + b, isTransposed: true, rowStride: columns),
            into: aGradient + a, rows: rows, columns: inner, inner: columns, beta: 1)
        }
      }
      if let bGradient = buffers.inputGradients[1] {
        bGradient.update(repeating: 0, count: counts[1])
        products.multiplyEach { a, b, y in
          multiply(
            MatrixOperand(buffers.input(0) + a, isTransposed: true, rowStride: inner),
            MatrixOperand(buffers.gradient + y, rowStride: columns),
            into: bGradient + b, rows: inner, columns: columns, inner: rows, beta: 1)
        }
      }
    }
  }
}

/// The products of a batched matrix product: extents and offsets of each.
private struct MatrixProducts {
  let extents: (rows: Int, inner: Int, columns: Int)
  private let offsets: [(Int, Int, Int)]

  init(_ context: KernelContext) {
    let (a, b, y) = (context.inputs[0].shape, context.inputs[1].shape, context.output.shape)
    let extents = (rows: a[a.rank - 2], inner: a[a.rank - 1], columns: b[b.rank - 1])
    self.extents = extents
    let loop = BroadcastLoop(
      Shape(a.dimensions.dropLast(2)), Shape(b.dimensions.dropLast(2)),
      Shape(y.dimensions.dropLast(2)))
    var offsets: [(Int, Int, Int)] = []
    loop.forEachRow { i, j, k in
      loop.forEachColumn(i, j, k) { i, j, k in
        offsets.append(
          (
            i * extents.rows * extents.inner, j * extents.inner * extents.columns,
            k * extents.rows * extents.columns
          ))
      }
    }
    self.offsets = offsets
  }

  func multiplyEach(_ body: (Int, Int, Int) -> Void) {
    for (a, b, y) in offsets { body(a, b, y) }
  }
}

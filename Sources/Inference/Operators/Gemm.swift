import Tensors

/// `y = α · a · b + β · c`, with `a` and `b` transposed on request.
///
/// Shapes: `a [m, k]`, `b [k, n]` after transposition, `c` broadcast to `[m, n]` → `y [m, n]`.
/// ONNX `Gemm`, opsets 7–13.
struct Gemm: Operator {
  static let type = "Gemm"
  static let requiredInputs = 2

  private let alpha: Float
  private let beta: Float
  private let transposesA: Bool
  private let transposesB: Bool
  private let hasC: Bool

  init(_ node: NodeReader) throws {
    alpha = try node.float("alpha", default: 1)
    beta = try node.float("beta", default: 1)
    transposesA = try node.int("transA", default: 0) != 0
    transposesB = try node.int("transB", default: 0) != 0
    hasC = node.hasInput(2)
  }

  private struct Extents {
    let rows: Int
    let inner: Int
    let columns: Int
  }

  private func extents(_ a: Shape, _ b: Shape) -> Extents {
    Extents(
      rows: transposesA ? a[1] : a[0], inner: transposesA ? a[0] : a[1],
      columns: transposesB ? b[0] : b[1])
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    guard a.rank == 2, b.rank == 2 else { throw ShapeMismatch("\(a) · \(b)") }
    let extents = extents(a, b)
    let result: Shape = [extents.rows, extents.columns]
    guard extents.inner == (transposesB ? b[1] : b[0]) else {
      throw ShapeMismatch("\(a) · \(b)")
    }
    if hasC {
      guard inputs[2].isConstant else { throw ShapeMismatch("the addend must be a constant") }
      guard result.broadcast(with: inputs[2].shape) == result else {
        throw ShapeMismatch("\(inputs[2].shape) does not broadcast to \(result)")
      }
    }
    return [result]
  }

  func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int {
    output.count * extents(inputs[0].shape, inputs[1].shape).inner
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let (a, b) = (context.inputs[0].shape, context.inputs[1].shape)
    let extents = extents(a, b)
    let result = context.output.shape
    let addend = hasC ? BroadcastLoop(result, context.inputs[2].shape, result) : nil
    return FunctionKernel { [alpha, beta, transposesA, transposesB] buffers in
      let y = buffers.output
      if let addend {
        let c = buffers.input(2)
        addend.forEachRow { i, j, k in
          addend.forEachColumn(i, j, k) { _, j, k in y[k] = c[j] }
        }
      }
      multiply(
        MatrixOperand(buffers.input(0), isTransposed: transposesA, rowStride: a[1]),
        MatrixOperand(buffers.input(1), isTransposed: transposesB, rowStride: b[1]),
        into: y, rows: extents.rows, columns: extents.columns, inner: extents.inner,
        alpha: alpha, beta: addend == nil ? 0 : beta)
    }
  }
}

// ∂a = α ∂y · bᵀ and ∂b = α aᵀ · ∂y, each transposed where its operand is.
extension Gemm: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let (a, b) = (context.inputs[0].shape, context.inputs[1].shape)
    let extents = extents(a, b)
    return FunctionKernel { [alpha, transposesA, transposesB] buffers in
      let yGradient = buffers.gradient
      if let aGradient = buffers.inputGradients[0] {
        if transposesA {
          let b = MatrixOperand(buffers.input(1), isTransposed: transposesB, rowStride: b[1])
          multiply(
            b, MatrixOperand(yGradient, isTransposed: true, rowStride: extents.columns),
            into: aGradient, rows: extents.inner, columns: extents.rows,
            inner: extents.columns, alpha: alpha)
        } else {
          multiply(
            MatrixOperand(yGradient, rowStride: extents.columns),
            MatrixOperand(buffers.input(1), isTransposed: !transposesB, rowStride: b[1]),
            into: aGradient, rows: extents.rows, columns: extents.inner,
            inner: extents.columns, alpha: alpha)
        }
      }
      if let bGradient = buffers.inputGradients[1] {
        if transposesB {
          let a = MatrixOperand(buffers.input(0), isTransposed: transposesA, rowStride: a[1])
          multiply(
            MatrixOperand(yGradient, isTransposed: true, rowStride: extents.columns), a,
            into: bGradient, rows: extents.columns, columns: extents.inner,
            inner: extents.rows, alpha: alpha)
        } else {
          multiply(
            MatrixOperand(buffers.input(0), isTransposed: !transposesA, rowStride: a[1]),
            MatrixOperand(yGradient, rowStride: extents.columns), into: bGradient,
            rows: extents.inner, columns: extents.columns, inner: extents.rows, alpha: alpha)
        }
      }
    }
  }
}

import Tensors

/// `y = activation(α · a · b + β · c)`, with `a` and `b` transposed on request.
///
/// Shapes: `a [m, k]`, `b [k, n]` after transposition, `c` broadcast to `[m, n]` → `y [m, n]`.
/// ONNX `Gemm`, opsets 7–28. The compiler may fuse an activation that follows.
struct Gemm: Operator {
  static let type = "Gemm"
  static let requiredInputs = 2

  let alpha: Float
  let beta: Float
  let transposesA: Bool
  let transposesB: Bool
  private let hasC: Bool
  var activation: Activation?

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

  var packsConstants: Bool { true }

  func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int {
    output.count * extents(inputs[0].shape, inputs[1].shape).inner
  }

  /// Whether the addend is the same in every row, so that the product takes it along.
  private func addsBias(_ context: KernelContext) -> Bool {
    hasC && alpha == 1 && beta == 1
      && context.inputs[2].shape.count == context.output.shape[1]
      && context.inputs[2].shape.dimensions.last == context.output.shape[1]
  }

  /// Whether an activation can be taken along: what is added after the product comes before it.
  ///
  /// `addend`: the shape of `c`.
  func canFuse(addend: Shape?) -> Bool {
    !hasC
      || alpha == 1 && beta == 1 && (addend?.count ?? 0) > 1
        && addend?.dimensions.last == addend?.count
  }

  private func product(_ context: KernelContext) -> MatrixProduct {
    var product = MatrixProduct(
      left: .init(context.inputs[0], index: 0, isTransposed: transposesA),
      right: .init(context.inputs[1], index: 1, isTransposed: transposesB),
      result: context.output, label: context.label)
    product.alpha = alpha
    if addsBias(context) {
      product.bias = 2
      product.activation = activation
    } else if !hasC {
      product.activation = activation
    }
    return product
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let product = try product(context).forward(context)
    guard hasC, !addsBias(context) else { return product }
    let result = context.output.shape
    let loop = BroadcastLoop(result, context.inputs[2].shape, result)
    let constant = context.inputs[2].constant?.asFloats ?? []
    let addend = ConstantBuffer(constant.map { $0 * beta })
    return KernelSequence([
      product,
      FunctionKernel { buffers in
        let (y, c) = (buffers.output, addend.floats)
        loop.forEachRow { i, j, k in
          loop.forEachColumn(i, j, k) { _, j, k in y[k] += c[j] }
        }
      },
    ])
  }
}

extension Gemm: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try product(context).gradient(context)
  }
}

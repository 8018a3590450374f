import COneDNN
import Tensors

/// Softmax or its logarithm: shapes, forward and gradient follow from the axis.
protocol SoftmaxOperator: DifferentiableOperator {
  static var takesLogarithm: Bool { get }
  var axis: SoftmaxAxis { get }
}

extension SoftmaxOperator {
  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    try axis.check(inputs[0].shape)
    return [inputs[0].shape]
  }

  private func routine(_ context: KernelContext) -> SoftmaxRoutine {
    SoftmaxRoutine(
      context.output.shape, axis: axis.index, sumsFollowingAxes: axis.sumsFollowing,
      takesLogarithm: Self.takesLogarithm)
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    try routine(context).forward()
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    try routine(context).gradient()
  }
}

/// Over what a softmax sums.
struct SoftmaxAxis: Sendable {
  let index: Int
  /// Before opset 13: over the axes behind it too.
  let sumsFollowing: Bool

  init(_ node: NodeReader) throws {
    sumsFollowing = node.opset < 13
    index = try node.int("axis", default: sumsFollowing ? 1 : -1)
  }

  func check(_ shape: Shape) throws {
    guard shape.rank == 0 || shape.resolve(axis: index) != nil else {
      throw ShapeMismatch("axis \(index) is outside \(shape)")
    }
  }
}

/// Softmax or its logarithm along one axis, by oneDNN.
struct SoftmaxRoutine {
  let takesLogarithm: Bool
  /// Groups before, elements of a group, distance between them.
  let extents: [Int]

  init(_ shape: Shape, axis: Int, sumsFollowingAxes: Bool, takesLogarithm: Bool = false) {
    self.takesLogarithm = takesLogarithm
    let axis = shape.resolve(axis: axis) ?? 0
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let length = shape.rank == 0 ? 1 : shape[axis]
    let inner = shape.count / max(outer * length, 1)
    extents = sumsFollowingAxes ? [outer, shape.count / max(outer, 1), 1] : [outer, length, inner]
  }

  private var algorithm: dnnl_alg_kind_t {
    takesLogarithm ? dnnl_softmax_log : dnnl_softmax_accurate
  }

  private func forwardDescription() throws -> PrimitiveDescription {
    var operation = dnnl_softmax_v2_desc_t()
    var elements = try OneDNN.memory(extents)
    try OneDNN.check(
      dnnl_softmax_v2_forward_desc_init(
        &operation, dnnl_forward_training, algorithm, &elements, &elements, 1), "a softmax")
    return try PrimitiveDescription(&operation, attributes: PrimitiveAttributes())
  }

  func forward() throws -> any Kernel {
    let elements = try OneDNN.memory(extents)
    return try PrimitiveKernel(
      forwardDescription(),
      [(DNNL_ARG_SRC_0, elements, .input(0)), (DNNL_ARG_DST_0, elements, .output())])
  }

  // Softmax: ∂x = y · (∂y − Σ ∂y · y); its logarithm: ∂x = ∂y − e^y Σ ∂y.
  func gradient() throws -> any Kernel {
    var operation = dnnl_softmax_v2_desc_t()
    var elements = try OneDNN.memory(extents)
    try OneDNN.check(
      dnnl_softmax_v2_backward_desc_init(
        &operation, algorithm, &elements, &elements, &elements, 1), "a softmax gradient")
    let description = try PrimitiveDescription(
      &operation, attributes: PrimitiveAttributes(), hint: forwardDescription())
    return try PrimitiveKernel(
      description,
      [
        (DNNL_ARG_DST_0, elements, .output()), (DNNL_ARG_DIFF_DST_0, elements, .outputGradient()),
        (DNNL_ARG_DIFF_SRC_0, elements, .inputGradient(0)),
      ])
  }
}

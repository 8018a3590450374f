import COneDNN
import Tensors

/// `y[n, c] = x[n, c] / (bias + α/size Σ x²)^β`, the sum over `size` neighbouring channels.
///
/// Shapes: `x [n, c, h, w] → y [n, c, h, w]`. ONNX `LRN`, opsets 1–28.
struct LRN: Operator {
  static let type = "LRN"

  private let size: Int
  private let alpha: Float
  private let beta: Float
  private let bias: Float

  init(_ node: NodeReader) throws {
    size = try node.int("size", default: 0)
    alpha = try node.float("alpha", default: 1e-4)
    beta = try node.float("beta", default: 0.75)
    bias = try node.float("bias", default: 1)
    // oneDNN fails on sums over one channel.
    guard (3...1 << 12).contains(size), size % 2 == 1 else {
      throw node.failure("size \(size) is not supported")
    }
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    guard inputs[0].shape.rank == 4 else {
      throw ShapeMismatch("input \(inputs[0].shape) must have four axes")
    }
    return [inputs[0].shape]
  }

  private func forwardDescription(
    _ elements: dnnl_memory_desc_t, keeps: Bool
  ) throws -> PrimitiveDescription {
    var operation = dnnl_lrn_desc_t()
    var elements = elements
    try OneDNN.check(
      dnnl_lrn_forward_desc_init(
        &operation, keeps ? dnnl_forward_training : dnnl_forward_inference,
        dnnl_lrn_across_channels, &elements, dnnl_dim_t(size), alpha, beta, bias),
      "a local response normalisation")
    return try PrimitiveDescription(&operation, attributes: PrimitiveAttributes())
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let elements = try OneDNN.memory(context.input.shape.dimensions, dnnl_nhwc)
    let description = try forwardDescription(elements, keeps: context.keepsForGradient)
    var workspace = description.memory(dnnl_query_workspace_md)
    let bytes = dnnl_memory_desc_get_size(&workspace)
    let kept: [PrimitiveKernel.Argument] =
      bytes > 0 ? [(DNNL_ARG_WORKSPACE, workspace, .workspace())] : []
    return try PrimitiveKernel(
      description,
      [(DNNL_ARG_SRC_0, elements, .input(0)), (DNNL_ARG_DST_0, elements, .output())] + kept,
      workspaceBytes: bytes)
  }
}

extension LRN: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    pointwiseField(for: inputs)
  }
}

extension LRN: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    var elements = try OneDNN.memory(context.input.shape.dimensions, dnnl_nhwc)
    var operation = dnnl_lrn_desc_t()
    try OneDNN.check(
      dnnl_lrn_backward_desc_init(
        &operation, dnnl_lrn_across_channels, &elements, &elements, dnnl_dim_t(size), alpha, beta,
        bias), "a local response normalisation's gradient")
    let description = try PrimitiveDescription(
      &operation, attributes: PrimitiveAttributes(),
      hint: forwardDescription(elements, keeps: true))
    var workspace = description.memory(dnnl_query_workspace_md)
    let kept: [PrimitiveKernel.Argument] =
      dnnl_memory_desc_get_size(&workspace) > 0
      ? [(DNNL_ARG_WORKSPACE, workspace, .workspace())] : []
    return try PrimitiveKernel(
      description,
      [
        (DNNL_ARG_SRC_0, elements, .input(0)), (DNNL_ARG_DIFF_DST_0, elements, .outputGradient()),
        (DNNL_ARG_DIFF_SRC_0, elements, .inputGradient(0)),
      ] + kept)
  }
}

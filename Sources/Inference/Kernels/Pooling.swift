import COneDNN
import Tensors

/// Maximum or average over windows, by oneDNN, channels last.
struct Pooling {
  enum Reduction: Sendable {
    case maximum
    /// Pads count as zeros, or are left out of the mean.
    case mean(countsPads: Bool)

    var algorithm: dnnl_alg_kind_t {
      switch self {
      case .maximum: dnnl_pooling_max
      case .mean(true): dnnl_pooling_avg_include_padding
      case .mean(false): dnnl_pooling_avg_exclude_padding
      }
    }
  }

  let reduction: Reduction
  let placement: SlidingWindow.Placement
  let strides: [Int]
  let dilations: [Int]

  init(
    _ reduction: Reduction, placement: SlidingWindow.Placement, strides: [Int], dilations: [Int]
  ) {
    self.reduction = reduction
    self.placement = placement
    self.strides = strides
    self.dilations = dilations
  }

  /// One window over all of maps of shape `x [n, c, h, w]`.
  init(_ reduction: Reduction, ofWhole x: Shape) {
    self.init(
      reduction,
      placement: SlidingWindow.Placement(
        kernel: [x[2], x[3]], output: [1, 1], padBefore: [0, 0], padAfter: [0, 0],
        reachesPastPad: false),
      strides: [1, 1], dilations: [1, 1])
  }

  private var dilates: [Int64] { dilations.map { Int64($0 - 1) } }

  private func forwardDescription(
    _ context: KernelContext, keepsForGradient: Bool
  ) throws -> PrimitiveDescription {
    var operation = dnnl_pooling_v2_desc_t()
    var source = try OneDNN.memory(context.input.shape.dimensions, dnnl_nhwc)
    var result = try OneDNN.memory(context.output.shape.dimensions, dnnl_nhwc)
    try OneDNN.check(
      dnnl_pooling_v2_forward_desc_init(
        &operation, keepsForGradient ? dnnl_forward_training : dnnl_forward_inference,
        reduction.algorithm, &source, &result, strides.wide, placement.kernel.wide, dilates,
        placement.padBefore.wide, placement.padAfter.wide),
      "the pooling of node '\(context.label)'")
    return try PrimitiveDescription(&operation, attributes: PrimitiveAttributes())
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let description = try forwardDescription(context, keepsForGradient: context.keepsForGradient)
    var workspace = description.memory(dnnl_query_workspace_md)
    // Maxima remember where they came from.
    let bytes =
      context.keepsForGradient && needsWorkspace ? dnnl_memory_desc_get_size(&workspace) : 0
    let kept: [PrimitiveKernel.Argument] =
      bytes > 0 ? [(DNNL_ARG_WORKSPACE, workspace, .workspace())] : []
    return try PrimitiveKernel(
      description,
      [
        (DNNL_ARG_SRC_0, description.memory(dnnl_query_src_md), .input(0)),
        (DNNL_ARG_DST_0, description.memory(dnnl_query_dst_md), .output()),
      ] + kept,
      workspaceBytes: bytes)
  }

  func gradient(_ context: KernelContext) throws -> any Kernel {
    var operation = dnnl_pooling_v2_desc_t()
    var source = try OneDNN.memory(context.input.shape.dimensions, dnnl_nhwc)
    var result = try OneDNN.memory(context.output.shape.dimensions, dnnl_nhwc)
    try OneDNN.check(
      dnnl_pooling_v2_backward_desc_init(
        &operation, reduction.algorithm, &source, &result, strides.wide, placement.kernel.wide,
        dilates, placement.padBefore.wide, placement.padAfter.wide),
      "the pooling gradient of node '\(context.label)'")
    let description = try PrimitiveDescription(
      &operation, attributes: PrimitiveAttributes(),
      hint: forwardDescription(context, keepsForGradient: true))
    let kept: [PrimitiveKernel.Argument] =
      needsWorkspace
      ? [(DNNL_ARG_WORKSPACE, description.memory(dnnl_query_workspace_md), .workspace())] : []
    return try PrimitiveKernel(
      description,
      [
        (DNNL_ARG_DIFF_SRC_0, source, .inputGradient(0)),
        (DNNL_ARG_DIFF_DST_0, result, .outputGradient()),
      ] + kept)
  }

  private var needsWorkspace: Bool {
    if case .maximum = reduction { true } else { false }
  }
}

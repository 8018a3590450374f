import COneDNN
import Tensors

/// Maximum or average over windows, by oneDNN, channels last.
struct Pooling {
  enum Reduction {
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

  private var dilates: [Int64] { dilations.map { Int64($0 - 1) } }

  fileprivate func forwardDescription(
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
    try PoolingKernel(self, context)
  }

  func gradient(_ context: KernelContext) throws -> any Kernel {
    try PoolingGradientKernel(self, context)
  }

  fileprivate func gradientDescription(
    _ context: KernelContext
  ) throws -> PrimitiveDescription {
    var operation = dnnl_pooling_v2_desc_t()
    var source = try OneDNN.memory(context.input.shape.dimensions, dnnl_nhwc)
    var result = try OneDNN.memory(context.output.shape.dimensions, dnnl_nhwc)
    try OneDNN.check(
      dnnl_pooling_v2_backward_desc_init(
        &operation, reduction.algorithm, &source, &result, strides.wide, placement.kernel.wide,
        dilates, placement.padBefore.wide, placement.padAfter.wide),
      "the pooling gradient of node '\(context.label)'")
    return try PrimitiveDescription(
      &operation, attributes: PrimitiveAttributes(),
      hint: forwardDescription(context, keepsForGradient: true))
  }

  /// Maxima remember where they came from.
  fileprivate var needsWorkspace: Bool {
    if case .maximum = reduction { true } else { false }
  }
}

private final class PoolingKernel: Kernel {
  let scratchBytes: Int
  let workspaceBytes: Int
  private let primitive: Primitive

  init(_ pooling: Pooling, _ context: KernelContext) throws {
    let description = try pooling.forwardDescription(
      context, keepsForGradient: context.keepsForGradient)
    var arguments: [(Int32, dnnl_memory_desc_t)] = [
      (DNNL_ARG_SRC_0, description.memory(dnnl_query_src_md)),
      (DNNL_ARG_DST_0, description.memory(dnnl_query_dst_md)),
    ]
    var workspace = description.memory(dnnl_query_workspace_md)
    if context.keepsForGradient, pooling.needsWorkspace {
      arguments.append((DNNL_ARG_WORKSPACE, workspace))
      workspaceBytes = dnnl_memory_desc_get_size(&workspace)
    } else {
      workspaceBytes = 0
    }
    scratchBytes = description.scratchBytes
    primitive = try Primitive(description, arguments)
  }

  func run(_ buffers: Buffers) {
    primitive.point(0, to: buffers.input(0))
    primitive.point(1, to: buffers.output)
    if workspaceBytes > 0 { primitive.point(2, to: buffers.workspace) }
    primitive.point(workspaceBytes > 0 ? 3 : 2, to: buffers.scratch)
    primitive.run()
  }
}

private final class PoolingGradientKernel: Kernel {
  let scratchBytes: Int
  let workspaceBytes = 0
  private let hasWorkspace: Bool
  private let primitive: Primitive

  init(_ pooling: Pooling, _ context: KernelContext) throws {
    let description = try pooling.gradientDescription(context)
    var arguments: [(Int32, dnnl_memory_desc_t)] = [
      (DNNL_ARG_DIFF_SRC_0, description.memory(dnnl_query_diff_src_md)),
      (DNNL_ARG_DIFF_DST_0, description.memory(dnnl_query_diff_dst_md)),
    ]
    hasWorkspace = pooling.needsWorkspace
    if hasWorkspace {
      arguments.append((DNNL_ARG_WORKSPACE, description.memory(dnnl_query_workspace_md)))
    }
    scratchBytes = description.scratchBytes
    primitive = try Primitive(description, arguments)
  }

  func run(_ buffers: Buffers) {
    guard let source = buffers.inputGradients[0] else { return }
    primitive.point(0, to: source)
    primitive.point(1, to: buffers.gradient)
    if hasWorkspace { primitive.point(2, to: buffers.workspace) }
    primitive.point(hasWorkspace ? 3 : 2, to: buffers.scratch)
    primitive.run()
  }
}

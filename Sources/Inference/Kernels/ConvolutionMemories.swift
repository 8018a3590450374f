import COneDNN

/// What a convolution, or a transposed one, describes to oneDNN forward and back, and the routines that
/// its primitives become.
struct ConvolutionMemories {
  let source: dnnl_memory_desc_t
  /// In the order that oneDNN chooses.
  let weights: dnnl_memory_desc_t
  /// As the file has them.
  let plainWeights: dnnl_memory_desc_t
  /// Nil without one.
  let bias: dnnl_memory_desc_t?
  let result: dnnl_memory_desc_t

  /// The weights in the order the primitive wants, shared by all sessions.
  private func pack(
    for primitive: PrimitiveDescription, _ context: KernelContext
  ) throws -> PrimitiveKernel.Argument {
    let target = primitive.memory(dnnl_query_weights_md)
    let packed = try context.constants.packed(
      context.inputs[1].name, context.inputs[1].constant?.floats ?? [], from: plainWeights,
      to: target)
    return (DNNL_ARG_WEIGHTS_0, target, .constant(packed))
  }

  /// The forward routine, to a place.
  func forward(
    _ primitive: PrimitiveDescription, _ context: KernelContext,
    to place: PrimitiveKernel.Place = .output()
  ) throws -> any Kernel {
    var arguments: [PrimitiveKernel.Argument] = [
      (DNNL_ARG_SRC_0, source, .input(0)), (DNNL_ARG_DST_0, result, place),
      try pack(for: primitive, context),
    ]
    if let bias {
      let buffer = context.constants.plain(context.inputs[2])
      arguments.append((DNNL_ARG_BIAS, bias, .constant(buffer)))
    }
    return try PrimitiveKernel(primitive, arguments)
  }

  /// The gradient by the input.
  func dataGradient(
    _ primitive: PrimitiveDescription, _ context: KernelContext
  ) throws -> any Kernel {
    try PrimitiveKernel(
      primitive,
      [
        (DNNL_ARG_DIFF_SRC_0, source, .inputGradient(0)),
        (DNNL_ARG_DIFF_DST_0, result, .outputGradient()), try pack(for: primitive, context),
      ])
  }
}

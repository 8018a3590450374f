import Tensors

/// What is done to a product's or convolution's result while it is written: `activation(result +
/// residual)`.
struct FusedResult {
  /// Which input is added; nil when none is.
  let residual: Int?
  let activation: Activation?

  /// An activation whose derivative needs its input leaves that in the workspace.
  ///
  /// `product`: makes the routine that writes the product to a place, adding to what stands there when
  /// there is a residual, through an activation that may be nil.
  func forward(
    _ context: KernelContext,
    _ product: (Activation?, PrimitiveKernel.Place) throws -> any Kernel
  ) throws -> any Kernel {
    let count = context.output.shape.count
    let splits =
      context.keepsForGradient && activation.map { !$0.derivativeFollowsFromOutput } ?? false
    var kernels: [any Kernel] = []
    if let residual {
      kernels.append(AddendKernel(input: residual, count: count, toWorkspace: splits))
    }
    kernels.append(try product(splits ? nil : activation, splits ? .workspace() : .output()))
    if splits, let activation {
      kernels.append(try activation.forward(count: count, from: .workspace()))
    }
    return kernels.count == 1
      ? kernels[0]
      : KernelSequence(
        kernels, workspaceBytes: splits ? count * MemoryLayout<Float>.stride : 0)
  }

  /// Undoes the activation, hands the residual its gradient, then runs what follows.
  func gradient(_ context: KernelContext, then rest: [any Kernel]) throws -> any Kernel {
    let count = context.output.shape.count
    var kernels: [any Kernel] = []
    if let activation { kernels.append(try activation.undoing(count: count)) }
    if let residual {
      kernels.append(
        FunctionKernel { buffers in
          buffers.inputGradients[residual]?.update(from: buffers.gradient, count: count)
        })
    }
    return KernelSequence(kernels + rest)
  }
}

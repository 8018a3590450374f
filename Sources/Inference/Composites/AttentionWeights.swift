import Tensors

/// Softmax over the last axis, 0 where all of it is masked.
///
/// Shapes: `x [..., s] → y [..., s]`. Not an operator of ONNX: `Attention` stands for it and others.
struct AttentionWeights: Operator {
  static let type = "AttentionWeights"

  init(_ node: NodeReader) {}

  func outputShapes(for inputs: [ValueDescription]) -> [Shape] { [inputs[0].shape] }

  private func routine(_ context: KernelContext) -> SoftmaxRoutine {
    SoftmaxRoutine(context.output.shape, axis: -1, sumsFollowingAxes: false)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let length = context.output.shape.dimensions.last ?? 1
    let rows = context.output.shape.count / max(length, 1)
    return KernelSequence([
      try routine(context).forward(),
      FunctionKernel { buffers in
        for row in 0..<rows where buffers.output[row * length].isNaN {
          (buffers.output + row * length).update(repeating: 0, count: length)
        }
      },
    ])
  }
}

extension AttentionWeights: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try routine(context).gradient()
  }
}

import Tensors

/// An operator whose result does not change wherever it has a derivative: its gradient is 0.
protocol StaircaseOperator: DifferentiableOperator {}

extension StaircaseOperator {
  package func gradient(_ context: KernelContext) -> any Kernel {
    let counts = context.inputs.map(\.shape.count)
    return FunctionKernel { buffers in
      for (gradient, count) in zip(buffers.inputGradients, counts) {
        gradient?.update(repeating: 0, count: count)
      }
    }
  }
}

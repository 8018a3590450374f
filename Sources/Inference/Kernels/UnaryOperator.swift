import Tensors

/// An operator that maps each element by itself.
protocol UnaryOperator: DifferentiableOperator, WindowedOperator {
  func value(_ x: Float) -> Float
  /// The derivative at `x`, where `y` is the value.
  func derivative(_ x: Float, _ y: Float) -> Float
}

extension UnaryOperator {
  package func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  package func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    pointwiseField(for: inputs)
  }

  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    [inputs[0].shape]
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    let count = context.output.shape.count
    return FunctionKernel { buffers in
      let x = buffers.input(0)
      let y = buffers.output
      for i in 0..<count { y[i] = self.value(x[i]) }
    }
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    let count = context.output.shape.count
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let x = buffers.input(0)
      let y = buffers.output
      let yGradient = buffers.gradient
      for i in 0..<count { xGradient[i] = yGradient[i] * self.derivative(x[i], y[i]) }
    }
  }
}

import Tensors

/// An operator that maps each element by itself.
protocol UnaryOperator: DifferentiableOperator, FoldableOperator, WindowedOperator {
  func value(_ x: Float) -> Float
  /// The derivative at `x`, where `y` is the value.
  func derivative(_ x: Float, _ y: Float) -> Float
  /// The same function by vector instructions, when there is one.
  var activation: Activation? { get }
}

extension UnaryOperator {
  package var activation: Activation? { nil }

  package func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  package func inPlaceInputs(for inputs: [ValueDescription]) -> [Int] { [0] }

  package func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    pointwiseField(for: inputs)
  }

  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    [inputs[0].shape]
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    let count = context.output.shape.count
    if let activation, !activation.derivativeFollowsFromOutput {
      return try activation.forward(count: count)
    }
    return FunctionKernel { buffers in
      let x = buffers.input(0)
      let y = buffers.output
      for i in 0..<count { y[i] = self.value(x[i]) }
    }
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    let count = context.output.shape.count
    if let activation, !activation.derivativeFollowsFromOutput {
      return try activation.gradient(count: count)
    }
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let x = buffers.input(0)
      let y = buffers.output
      let yGradient = buffers.gradient
      for i in 0..<count { xGradient[i] = yGradient[i] * self.derivative(x[i], y[i]) }
    }
  }

  /// Integers are mapped through the numbers they are.
  package func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0], input.floats == nil else { return nil }
    let results = try input.exactFloats.map(value)
    guard results.allSatisfy({ $0.magnitude < 9e18 }) else {
      throw ShapeMismatch("an integer is too large")
    }
    return [Tensor(input.shape, results.map { Int64($0) })]
  }
}

import Tensors

/// An operator whose result is the input's bytes under another shape; it costs nothing.
protocol ViewOperator: DifferentiableOperator, FoldableOperator {
  /// The shape of the result.
  func shape(for inputs: [ValueDescription]) throws -> Shape
}

extension ViewOperator {
  package func isView(of inputs: [ValueDescription], as output: ValueDescription) -> Bool { true }

  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let shape = try shape(for: inputs)
    guard shape.count == inputs[0].shape.count else {
      throw ShapeMismatch("\(inputs[0].shape) cannot become \(shape)")
    }
    return [shape]
  }

  /// Copies, where the input is a constant and so has no memory to share.
  package func forward(_ context: KernelContext) throws -> any Kernel {
    let count = context.output.shape.count
    return FunctionKernel { $0.output.update(from: $0.input(0), count: count) }
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    let count = context.input.shape.count
    return FunctionKernel { $0.inputGradients[0]?.update(from: $0.gradient, count: count) }
  }

  package func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0] else { return nil }
    let descriptions = inputs.map { ValueDescription(shape: $0?.shape ?? [], constant: $0) }
    return [input.reshaped(to: try outputShapes(for: descriptions)[0])]
  }
}

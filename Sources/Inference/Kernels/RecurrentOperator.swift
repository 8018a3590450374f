import Tensors

/// A recurrent layer: shapes, forward and gradient follow from its cell.
protocol RecurrentOperator: DifferentiableOperator {
  var layer: RecurrentLayer { get }
  /// States that are left after the last step, `h` first.
  static var lastStates: Int { get }
  func cell(_ weights: RecurrentWeights) throws -> any RecurrentCell
}

extension RecurrentOperator {
  package var packsConstants: Bool { true }

  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    try layer.outputShapes(for: inputs, last: Self.lastStates)
  }

  package func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int {
    layer.multiplyAdds(inputs)
  }

  private func cell(_ context: KernelContext) throws -> any RecurrentCell {
    try cell(RecurrentWeights(layer, context))
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    RecurrentKernel(try cell(context), keepsForGradient: context.keepsForGradient)
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    RecurrentGradientKernel(try cell(context))
  }
}

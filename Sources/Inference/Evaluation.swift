import Tensors

/// Runs an operator's float routine on constants.
///
/// - Throws: `ShapeMismatch` and what the routine's preparation throws.
func evaluate(_ operation: any Operator, _ inputs: [ValueDescription]) throws -> [Tensor] {
  let shapes = try operation.outputShapes(for: inputs)
  let kernel = try operation.forward(
    KernelContext(
      label: "constant", inputs: inputs, outputs: shapes.map { ValueDescription(shape: $0) },
      constants: ConstantStore(), keepsForGradient: false))
  let arguments = inputs.map { ConstantBuffer($0.constant?.asFloats ?? []) }
  let scratch = ConstantBuffer(byteCount: kernel.scratchBytes) { _ in }
  let workspace = ConstantBuffer(byteCount: kernel.workspaceBytes) { _ in }
  let results = shapes.map { shape in
    ConstantBuffer(byteCount: shape.count * MemoryLayout<Float>.stride) { _ in }
  }
  kernel.run(
    Buffers(
      inputs: arguments.map(\.floats), outputs: results.map(\.floats), scratch: scratch.floats,
      workspace: workspace.floats, outputGradients: [], inputGradients: []))
  withExtendedLifetime((arguments, scratch, workspace)) {}
  return zip(shapes, results).map { shape, result in
    Tensor(shape, Array(UnsafeBufferPointer(start: result.floats, count: shape.count)))
  }
}

/// An operator that moves elements of its first input: it folds constants of either kind.
protocol MovingOperator: FoldableOperator {}

extension MovingOperator {
  /// Integers may exceed what a float holds, so their positions are moved in their stead.
  package func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let first = inputs[0], case .int64(let values) = first.elements,
      values.count < 1 << 24
    else { return nil }
    let positions = Tensor(first.shape, values.indices.map { Float($0) })
    let moved = [positions] + inputs.dropFirst().map { $0 ?? Tensor([0], [Float]()) }
    let results = try evaluate(
      self, moved.map { ValueDescription(shape: $0.shape, constant: $0) })
    return results.map { result in
      Tensor(result.shape, (result.floats ?? []).map { values[Int($0)] })
    }
  }
}

import Tensors

/// Runs an operator's float routine on constants.
///
/// - Throws: `ShapeMismatch`, also for integers that Float32 does not hold exactly, and what the routine's preparation throws.
func evaluate(_ operation: any Operator, _ inputs: [ValueDescription]) throws -> [Tensor] {
  // What says which elements move is read as integers: "to the end" is often the largest there is.
  let computed = operation is any MovingOperator ? inputs.prefix(1) : inputs[...]
  for input in computed { _ = try input.constant?.checkedExact() }
  var inputs = inputs
  var layout = Layout.rowMajor
  if case .channelsLast = operation.layoutRule(for: inputs) {
    layout = .channelsLast
    inputs[0].layout = .channelsLast
  }
  let outputs = try operation.outputShapes(for: inputs).map { shape in
    try checkFolded(shape)
    return ValueDescription(shape: shape, layout: shape.rank == 4 ? layout : .rowMajor)
  }
  let kernel = try operation.forward(
    KernelContext(
      label: "constant", inputs: inputs, outputs: outputs, constants: ConstantStore(),
      keepsForGradient: false))
  let arguments = inputs.map { ConstantBuffer($0.storedFloats) }
  let scratch = ConstantBuffer(byteCount: kernel.scratchBytes) { _ in }
  let workspace = ConstantBuffer(byteCount: kernel.workspaceBytes) { _ in }
  let results = outputs.map { output in
    ConstantBuffer(byteCount: output.shape.count * MemoryLayout<Float>.stride) { _ in }
  }
  kernel.run(
    Buffers(
      inputs: arguments.map(\.floats), outputs: results.map(\.floats), scratch: scratch.floats,
      workspace: workspace.floats, outputGradients: [], inputGradients: []))
  withExtendedLifetime((arguments, scratch, workspace)) {}
  return zip(outputs, results).map { output, result in
    let numbers = Array(UnsafeBufferPointer(start: result.floats, count: output.shape.count))
    return output.tensor(stored: numbers)
  }
}

/// Refuses constants of sizes that no network needs, and empty ones that routines cannot take.
///
/// - Throws: `ShapeMismatch`.
func checkFolded(_ shape: Shape) throws {
  guard shape.dimensions.allSatisfy({ $0 >= 0 }), shape.count <= CompiledGraph.mostFoldedElements
  else { throw ShapeMismatch("a constant of shape \(shape) is too large") }
}

extension ValueDescription {
  /// A constant's numbers in memory order.
  var storedFloats: [Float] {
    let floats = constant?.asFloats ?? []
    guard layout == .channelsLast, shape.rank == 4 else { return floats }
    return Tensor(shape, floats).transposed(Layout.channelsLastAxes).asFloats
  }

  /// Numbers in memory order as a tensor in ONNX's axis order.
  func tensor(stored numbers: [Float]) -> Tensor {
    let tensor = Tensor(storedShape, numbers)
    return layout == .channelsLast && shape.rank == 4 ? tensor.transposed([0, 3, 1, 2]) : tensor
  }
}

extension Tensor {
  /// Integers below this magnitude are exact as Float32, and a sum that rounds reaches it.
  static let leastInexact: Int64 = 1 << 24

  /// Integers as floats that are the same numbers.
  ///
  /// - Throws: `ShapeMismatch` when one is too large.
  var exactFloats: [Float] {
    get throws { try checkedExact().asFloats }
  }

  /// The tensor, when its integers can be computed with as Float32.
  ///
  /// - Throws: `ShapeMismatch`.
  func checkedExact() throws -> Tensor {
    guard case .int64(let values) = elements else { return self }
    for value in values where value.magnitude >= Tensor.leastInexact.magnitude {
      throw ShapeMismatch("the integer \(value) is too large: Float32 is exact up to 2²⁴")
    }
    return self
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

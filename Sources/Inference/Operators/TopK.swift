import Tensors

/// The `k` largest or smallest numbers along an axis, best first, and where they stand.
///
/// Shapes: `x [..., d, ...] → values, indices [..., k, ...]`. ONNX `TopK`, opsets 1–24; `k` is an
/// attribute, or a constant input from opset 10. Of equals the first counts. Indices of activations
/// are whole numbers in Float32.
struct TopK: Operator {
  static let type = "TopK"

  private let axis: Int
  private let attributeCount: Int?
  private let wantsLargest: Bool

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: -1)
    attributeCount = node.opset < 10 ? try node.int("k", default: 0) : nil
    wantsLargest = try node.int("largest", default: 1) == 1
    guard node.node.outputs.count == 2 else {
      throw node.failure("it needs two outputs, values and indices")
    }
    guard attributeCount != nil || node.hasInput(1) else { throw node.failure("k is missing") }
  }

  private func count(_ inputs: [ValueDescription]) throws -> Int {
    if let attributeCount { return attributeCount }
    guard let k = try inputs[1].integers("k, which decides a shape,").first else {
      throw ShapeMismatch("k is empty")
    }
    return k
  }

  private func view(_ inputs: [ValueDescription]) throws -> (view: AxisView, count: Int) {
    let x = inputs[0].shape
    let view = try AxisView(x, resolving: axis)
    let count = try count(inputs)
    guard (1...max(view.extent, 1)).contains(count), view.extent > 0,
      view.extent < Tensor.leastInexact
    else { throw ShapeMismatch("k is \(count) along axis \(axis) of \(x)") }
    return (view, count)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    var shape = inputs[0].shape
    let count = try view(inputs).count
    shape[shape.resolve(axis: axis) ?? 0] = count
    return [shape, shape]
  }

  /// The best positions on the line that begins at `start`, best first.
  private func best(
    _ x: UnsafePointer<Float>, _ start: Int, _ view: AxisView, count: Int
  ) -> ArraySlice<Int> {
    let positions = (0..<view.extent).sorted { a, b in
      let (u, v) = (x[start + a * view.inner], x[start + b * view.inner])
      return u == v ? a < b : wantsLargest ? u > v : u < v
    }
    return positions[..<count]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let (view, count) = try view(context.inputs)
    return FunctionKernel { buffers in
      let x = buffers.input(0)
      view.forEachLine { line, start in
        let (o, i) = line.quotientAndRemainder(dividingBy: view.inner)
        for (k, position) in self.best(x, start, view, count: count).enumerated() {
          let target = (o * count + k) * view.inner + i
          buffers.outputs[0][target] = x[start + position * view.inner]
          buffers.outputs[1][target] = Float(position)
        }
      }
    }
  }
}

extension TopK: FoldableOperator {
  /// Positions in constants are integers.
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    let descriptions = inputs.map { ValueDescription(shape: $0?.shape ?? [], constant: $0) }
    guard let input = inputs[0] else { return nil }
    let (view, count) = try view(descriptions)
    let shape = try outputShapes(for: descriptions)[0]
    let x = try input.exactFloats
    var values = [Float](repeating: 0, count: shape.count)
    var positions = [Int64](repeating: 0, count: shape.count)
    view.forEachLine { line, start in
      let (o, i) = line.quotientAndRemainder(dividingBy: view.inner)
      for (k, position) in best(x, start, view, count: count).enumerated() {
        let target = (o * count + k) * view.inner + i
        values[target] = x[start + position * view.inner]
        positions[target] = Int64(position)
      }
    }
    let chosen =
      input.floats == nil
      ? Tensor(shape, values.map { Int64($0) }) : Tensor(shape, values)
    return [chosen, Tensor(shape, positions)]
  }
}

// The gradient goes to the elements that were chosen; which ones, the indices tell.
extension TopK: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let (view, count) = try view(context.inputs)
    let total = context.input.shape.count
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      xGradient.update(repeating: 0, count: total)
      guard let yGradient = buffers.outputGradients[0] else { return }
      view.forEachLine { line, start in
        let (o, i) = line.quotientAndRemainder(dividingBy: view.inner)
        for k in 0..<count {
          let source = (o * count + k) * view.inner + i
          xGradient[start + Int(buffers.outputs[1][source]) * view.inner] = yGradient[source]
        }
      }
    }
  }
}

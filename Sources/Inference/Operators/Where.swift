import Tensors

/// `y = a` where the condition holds, else `b`, element by element with broadcasting.
///
/// Shapes: `condition [...]`, `a [...]`, `b [...]` → their broadcast. ONNX `Where`, opsets 9–28.
struct Where: Operator {
  static let type = "Where"
  static let requiredInputs = 3

  init(_ node: NodeReader) {}

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    guard let both = inputs[1].shape.broadcast(with: inputs[2].shape),
      let shape = inputs[0].shape.broadcast(with: both)
    else {
      throw ShapeMismatch("\(inputs[0].shape), \(inputs[1].shape) and \(inputs[2].shape)")
    }
    return [shape]
  }

  /// Walks the condition with each of the two, and the result.
  private func loops(_ shapes: [Shape], _ result: Shape) -> (
    first: BroadcastLoop, second: BroadcastLoop
  ) {
    (
      BroadcastLoop(shapes[0], shapes[1], result), BroadcastLoop(shapes[0], shapes[2], result)
    )
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let loops = loops(context.inputs.map(\.storedShape), context.output.storedShape)
    return FunctionKernel { buffers in
      let condition = buffers.input(0)
      let (a, b, y) = (buffers.input(1), buffers.input(2), buffers.output)
      loops.second.forEachRow { i, j, k in
        loops.second.forEachColumn(i, j, k) { _, j, k in y[k] = b[j] }
      }
      loops.first.forEachRow { i, j, k in
        loops.first.forEachColumn(i, j, k) { i, j, k in if condition[i] != 0 { y[k] = a[j] } }
      }
    }
  }
}

extension Where: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    elementwiseFields(for: inputs)
  }
}

extension Where: FoldableOperator {
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let condition = inputs[0]?.asFloats, case .int64(let a)? = inputs[1]?.elements,
      case .int64(let b)? = inputs[2]?.elements
    else { return nil }
    let shapes = inputs.map { $0?.shape ?? [] }
    let shape = try outputShapes(for: shapes.map { ValueDescription(shape: $0) })[0]
    try checkFolded(shape)
    let loops = loops(shapes, shape)
    var y = [Int64](repeating: 0, count: shape.count)
    if !y.isEmpty {
      loops.second.forEachRow { i, j, k in
        loops.second.forEachColumn(i, j, k) { _, j, k in y[k] = b[j] }
      }
      loops.first.forEachRow { i, j, k in
        loops.first.forEachColumn(i, j, k) { i, j, k in if condition[i] != 0 { y[k] = a[j] } }
      }
    }
    return [Tensor(shape, y)]
  }
}

// Each receives the gradient where it was chosen; the condition none.
extension Where: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let loops = loops(context.inputs.map(\.storedShape), context.output.storedShape)
    let counts = context.inputs.map(\.shape.count)
    return FunctionKernel { buffers in
      let condition = buffers.input(0)
      let yGradient = buffers.gradient
      buffers.inputGradients[0]?.update(repeating: 0, count: counts[0])
      for (index, loop, chosen) in [(1, loops.first, true), (2, loops.second, false)] {
        guard let gradient = buffers.inputGradients[index] else { continue }
        gradient.update(repeating: 0, count: counts[index])
        loop.forEachRow { i, j, k in
          loop.forEachColumn(i, j, k) { i, j, k in
            if (condition[i] != 0) == chosen { gradient[j] += yGradient[k] }
          }
        }
      }
    }
  }
}

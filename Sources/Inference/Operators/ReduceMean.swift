import Tensors

/// The mean over some axes.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceMean`, opsets 1–18; axes are an
/// attribute, or a constant input from opset 18.
struct ReduceMean: Operator {
  static let type = "ReduceMean"

  private let attributeAxes: [Int]?
  private let keepsAxes: Bool
  private let emptyMeansNone: Bool

  init(_ node: NodeReader) throws {
    attributeAxes = try node.ints("axes")
    keepsAxes = try node.int("keepdims", default: 1) == 1
    emptyMeansNone = try node.int("noop_with_empty_axes", default: 0) == 1
  }

  private func axes(_ inputs: [ValueDescription]) throws -> [Int] {
    let rank = inputs[0].shape.rank
    var stated = attributeAxes
    if inputs.count > 1 {
      guard let constant = inputs[1].constant?.integers else {
        throw ShapeMismatch("axes must be constants")
      }
      stated = constant
    }
    guard let stated, !stated.isEmpty else { return emptyMeansNone ? [] : Array(0..<rank) }
    let axes = try stated.map { axis in
      guard let resolved = inputs[0].shape.resolve(axis: axis) else {
        throw ShapeMismatch("axis \(axis) is outside \(inputs[0].shape)")
      }
      return resolved
    }
    return Set(axes).sorted()
  }

  /// Channels-last maps reduce where they lie when what is left keeps ONNX's axis order.
  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule {
    guard let axes = try? axes(inputs) else { return .rowMajor }
    return keepsAxes || axes == [2, 3] ? .either : .rowMajor
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let axes = try axes(inputs)
    let x = inputs[0].shape
    if keepsAxes {
      return [Shape(x.dimensions.indices.map { axes.contains($0) ? 1 : x[$0] })]
    }
    return [Shape(x.dimensions.indices.filter { !axes.contains($0) }.map { x[$0] })]
  }

  /// The loop that visits every element of the input with its result, and the elements per result.
  private func loop(_ context: KernelContext) throws -> (BroadcastLoop, Int) {
    let input = context.inputs[0]
    let reduced = Set(try axes(context.inputs).map(input.storedAxis))
    let shape = input.storedShape
    let kept = Shape(shape.dimensions.indices.map { reduced.contains($0) ? 1 : shape[$0] })
    let count = reduced.reduce(1) { $0 * shape[$1] }
    return (BroadcastLoop(shape, kept, shape), count)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let (loop, count) = try loop(context)
    let results = context.output.shape.count
    let share = 1 / Float(max(count, 1))
    return FunctionKernel { buffers in
      let x = buffers.input(0)
      let y = buffers.output
      y.update(repeating: 0, count: results)
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, j, _ in y[j] += x[i] }
      }
      for i in 0..<results { y[i] *= share }
    }
  }
}

extension ReduceMean: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let (loop, count) = try loop(context)
    let share = 1 / Float(max(count, 1))
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let yGradient = buffers.gradient
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, j, _ in xGradient[i] = yGradient[j] * share }
      }
    }
  }
}

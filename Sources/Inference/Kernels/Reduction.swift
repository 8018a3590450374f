import Tensors

/// An operator that makes one number of all those along some axes.
protocol Reduction: DifferentiableOperator, FoldableOperator {
  var axes: ReducedAxes { get }
  /// The result of no elements.
  static var start: Float { get }
  /// The result so far, joined with one more element.
  func join(_ sum: Float, _ x: Float) -> Float
  /// The result of `count` elements that were joined to `sum`.
  func finish(_ sum: Float, count: Int) -> Float
  /// The derivative of the result `y` of `count` elements by `x`, one of them.
  func derivative(_ x: Float, _ y: Float, count: Int) -> Float
}

/// Which axes a reduction takes away, as an attribute or a constant input.
struct ReducedAxes: Sendable {
  private let stated: StatedAxes
  private let keepsAxes: Bool
  private let emptyMeansNone: Bool

  init(_ node: NodeReader) throws {
    stated = try StatedAxes(node)
    keepsAxes = try node.int("keepdims", default: 1) == 1
    emptyMeansNone = try node.int("noop_with_empty_axes", default: 0) == 1
  }

  func resolve(_ inputs: [ValueDescription]) throws -> [Int] {
    let rank = inputs[0].shape.rank
    let axes = try stated.resolve(inputs, rank: rank) ?? []
    if axes.isEmpty { return emptyMeansNone ? [] : Array(0..<rank) }
    return Set(axes).sorted()
  }

  /// Channels-last maps reduce where they lie when what is left keeps ONNX's axis order.
  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule {
    guard let axes = try? resolve(inputs) else { return .rowMajor }
    return keepsAxes || axes == [2, 3] ? .either : .rowMajor
  }

  func outputShape(for inputs: [ValueDescription]) throws -> Shape {
    let axes = try resolve(inputs)
    let x = inputs[0].shape
    return keepsAxes
      ? Shape(x.dimensions.indices.map { axes.contains($0) ? 1 : x[$0] })
      : Shape(x.dimensions.indices.filter { !axes.contains($0) }.map { x[$0] })
  }

  /// The loop that visits every element of the input with its result, and the elements per result.
  func loop(_ inputs: [ValueDescription]) throws -> (loop: BroadcastLoop, count: Int) {
    let input = inputs[0]
    let reduced = Set(try resolve(inputs).map(input.storedAxis))
    let shape = input.storedShape
    let kept = Shape(shape.dimensions.indices.map { reduced.contains($0) ? 1 : shape[$0] })
    return (BroadcastLoop(shape, kept, shape), reduced.reduce(1) { $0 * shape[$1] })
  }
}

extension Reduction {
  package static var start: Float { 0 }
  package func finish(_ sum: Float, count: Int) -> Float { sum }

  package func layoutRule(for inputs: [ValueDescription]) -> LayoutRule {
    axes.layoutRule(for: inputs)
  }

  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    [try axes.outputShape(for: inputs)]
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    let (loop, count) = try axes.loop(context.inputs)
    let results = context.output.shape.count
    return FunctionKernel { buffers in
      let x = buffers.input(0)
      let y = buffers.output
      y.update(repeating: Self.start, count: results)
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, j, _ in y[j] = self.join(y[j], x[i]) }
      }
      for i in 0..<results { y[i] = self.finish(y[i], count: count) }
    }
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    let (loop, count) = try axes.loop(context.inputs)
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let x = buffers.input(0)
      let y = buffers.output
      let yGradient = buffers.gradient
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, j, _ in
          xGradient[i] = yGradient[j] * self.derivative(x[i], y[j], count: count)
        }
      }
    }
  }

  /// Constants, integers and empty ones included.
  package func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0] else { return nil }
    let descriptions = inputs.map { ValueDescription(shape: $0?.shape ?? [], constant: $0) }
    let shape = try axes.outputShape(for: descriptions)
    let (loop, count) = try axes.loop(descriptions)
    let x = try input.floats ?? input.exactFloats
    var y = [Float](repeating: Self.start, count: shape.count)
    var largest: Float = 0
    if !x.isEmpty {
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, j, _ in
          y[j] = join(y[j], x[i])
          largest = max(largest, y[j].magnitude)
        }
      }
    }
    y = y.map { finish($0, count: count) }
    guard input.floats == nil else { return [Tensor(shape, y)] }
    // Of no elements there is no largest integer.
    let integers = y.map { Int64(exactly: $0.rounded(.towardZero)) }
    guard largest < Float(Tensor.leastInexact), !integers.contains(nil) else {
      throw ShapeMismatch("integers become too large: Float32 is exact up to 2²⁴")
    }
    return [Tensor(shape, integers.compactMap { $0 })]
  }
}

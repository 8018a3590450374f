import Tensors

/// An operator on pairs of elements, with NumPy's broadcasting.
protocol BinaryOperator: DifferentiableOperator, FoldableOperator, WindowedOperator {
  func value(_ a: Float, _ b: Float) -> Float
  /// The same on shapes; nil when undefined.
  func value(_ a: Int64, _ b: Int64) -> Int64?
  /// Whether float constants have an integer for a result.
  var yieldsIntegers: Bool { get }
  /// Derivatives by the left and the right operand.
  func derivatives(_ a: Float, _ b: Float) -> (Float, Float)
}

extension BinaryOperator {
  package var yieldsIntegers: Bool { false }

  package func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  /// Operands that are not broadcast.
  package func inPlaceInputs(for inputs: [ValueDescription]) -> [Int] {
    let shape = inputs[0].shape.broadcast(with: inputs[1].shape)
    return [0, 1].filter { inputs[$0].shape == shape && inputs[0].name != inputs[1].name }
  }

  package func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    elementwiseFields(for: inputs)
  }

  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else {
      throw ShapeMismatch("\(inputs[0].shape) and \(inputs[1].shape) do not broadcast")
    }
    return [shape]
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    let loop = BroadcastLoop(context)
    return FunctionKernel { buffers in
      let a = buffers.input(0)
      let b = buffers.input(1)
      let y = buffers.output
      // Written over an operand, the loop must see one pointer for both: it vectorises only where it
      // can tell that nothing overlaps.
      if a == UnsafePointer(y) {
        loop.forEachRow { _, j, k in
          loop.forEachColumn(k, j, k) { _, j, k in y[k] = self.value(y[k], b[j]) }
        }
      } else if b == UnsafePointer(y) {
        loop.forEachRow { i, _, k in
          loop.forEachColumn(i, k, k) { i, _, k in y[k] = self.value(a[i], y[k]) }
        }
      } else {
        loop.forEachRow { i, j, k in
          loop.forEachColumn(i, j, k) { i, j, k in y[k] = self.value(a[i], b[j]) }
        }
      }
    }
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    let loop = BroadcastLoop(context)
    let counts = context.inputs.map(\.shape.count)
    let count = context.output.shape.count
    return FunctionKernel { buffers in
      let a = buffers.input(0)
      let b = buffers.input(1)
      let yGradient = buffers.gradient
      if let aGradient = buffers.inputGradients[0] {
        loop.gather(into: aGradient, count: counts[0], isWhole: counts[0] == count) { i, j, k in
          (i, yGradient[k] * self.derivatives(a[i], b[j]).0)
        }
      }
      if let bGradient = buffers.inputGradients[1] {
        loop.gather(into: bGradient, count: counts[1], isWhole: counts[1] == count) { i, j, k in
          (j, yGradient[k] * self.derivatives(a[i], b[j]).1)
        }
      }
    }
  }

  /// Integers among themselves; an integer raised to a fraction, or the like, stays an integer.
  package func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let left = inputs[0], let right = inputs[1], left.floats == nil || yieldsIntegers else {
      return nil
    }
    guard let shape = left.shape.broadcast(with: right.shape) else {
      throw ShapeMismatch("\(left.shape) and \(right.shape) do not broadcast")
    }
    try checkFolded(shape)
    let loop = BroadcastLoop(left.shape, right.shape, shape)
    var result = [Int64](repeating: 0, count: shape.count)
    guard case .int64(let a) = left.elements, case .int64(let b) = right.elements else {
      let (a, b) = try (left.floats ?? left.exactFloats, right.floats ?? right.exactFloats)
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, j, k in
          result[k] = Int64(exactly: self.value(a[i], b[j]).rounded(.towardZero)) ?? 0
        }
      }
      return [Tensor(shape, result)]
    }
    var isDefined = true
    loop.forEachRow { i, j, k in
      loop.forEachColumn(i, j, k) { i, j, k in
        let value = self.value(a[i], b[j])
        isDefined = isDefined && value != nil
        result[k] = value ?? 0
      }
    }
    guard isDefined else { throw ShapeMismatch("division by zero or overflow in a shape") }
    return [Tensor(shape, result)]
  }
}

/// An operator that says whether something holds for two elements: 1 or 0.
protocol ComparisonOperator: BinaryOperator {
  func holds<Number: Comparable & Numeric>(_ a: Number, _ b: Number) -> Bool
}

extension ComparisonOperator {
  package var yieldsIntegers: Bool { true }
  func value(_ a: Float, _ b: Float) -> Float { holds(a, b) ? 1 : 0 }
  func value(_ a: Int64, _ b: Int64) -> Int64? { holds(a, b) ? 1 : 0 }
  // A staircase: flat wherever it has a derivative.
  func derivatives(_ a: Float, _ b: Float) -> (Float, Float) { (0, 0) }
}

/// Walks two broadcast operands and their result together, in memory order.
struct BroadcastLoop: Sendable {
  private let outer: Shape
  private let outerStrides: [[Int]]
  private let columns: Int
  private let columnStrides: [Int]

  init(_ context: KernelContext) {
    self.init(
      context.inputs[0].storedShape, context.inputs[1].storedShape, context.output.storedShape)
  }

  init(_ a: Shape, _ b: Shape, _ result: Shape) {
    let rank = max(result.rank, 1)
    let shapes = [a, b, result].map { $0.padded(toRank: rank) }
    self.init(
      extents: shapes[2].dimensions,
      strides: shapes.map { shape in
        zip(shape.dimensions, shape.rowMajorStrides).map { $0 == 1 ? 0 : $1 }
      })
  }

  /// `strides`: distances in left, right and result, 0 where an operand is broadcast.
  init(extents: [Int], strides: [[Int]]) {
    var (extents, strides) = (extents, strides)
    // Neighbouring axes that every operand walks densely become one, so that rows are long.
    var axis = extents.count - 1
    while axis > 0 {
      let merges = strides.allSatisfy { $0[axis - 1] == $0[axis] * extents[axis] }
      if merges {
        extents[axis - 1] *= extents[axis]
        extents.remove(at: axis)
        for operand in 0..<3 { strides[operand].remove(at: axis - 1) }
      }
      axis -= 1
    }
    columns = extents.removeLast()
    columnStrides = strides.map { $0[$0.count - 1] }
    outer = Shape(extents)
    outerStrides = strides.map { Array($0.dropLast()) }
  }

  /// Calls `body` with the offsets of left, right and result at the start of every row.
  @inline(__always)
  func forEachRow(_ body: (Int, Int, Int) -> Void) {
    guard columns > 0, !outer.dimensions.contains(0) else { return }
    var index = [Int](repeating: 0, count: outer.rank)
    var (i, j, k) = (0, 0, 0)
    while true {
      body(i, j, k)
      var axis = outer.rank - 1
      while axis >= 0 {
        index[axis] += 1
        i += outerStrides[0][axis]
        j += outerStrides[1][axis]
        k += outerStrides[2][axis]
        if index[axis] < outer[axis] { break }
        i -= index[axis] * outerStrides[0][axis]
        j -= index[axis] * outerStrides[1][axis]
        k -= index[axis] * outerStrides[2][axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// Writes one operand's gradient: the sum of what `share` says of each pair of elements.
  ///
  /// `isWhole`: whether the operand is not broadcast, so that each of its elements has one share.
  ///
  /// `share`: from the offsets of left, right and result, where to add and what.
  @inline(__always)
  func gather(
    into gradient: UnsafeMutablePointer<Float>, count: Int, isWhole: Bool,
    _ share: (Int, Int, Int) -> (Int, Float)
  ) {
    if isWhole {
      forEachRow { i, j, k in
        forEachColumn(i, j, k) { i, j, k in
          let (place, value) = share(i, j, k)
          gradient[place] = value
        }
      }
      return
    }
    gradient.update(repeating: 0, count: count)
    forEachRow { i, j, k in
      forEachColumn(i, j, k) { i, j, k in
        let (place, value) = share(i, j, k)
        gradient[place] += value
      }
    }
  }

  /// Calls `body` along one row; the common strides have loops of their own, which vectorise.
  ///
  /// Offsets lie in memory that exists: unchecked arithmetic, as checks would keep loops scalar.
  @inline(__always)
  func forEachColumn(_ i: Int, _ j: Int, _ k: Int, _ body: (Int, Int, Int) -> Void) {
    switch (columnStrides[0], columnStrides[1]) {
    case _ where columnStrides[2] != 1:
      let strides = (columnStrides[0], columnStrides[1], columnStrides[2])
      for c in 0..<columns {
        body(i &+ c &* strides.0, j &+ c &* strides.1, k &+ c &* strides.2)
      }
    case (1, 1): for c in 0..<columns { body(i &+ c, j &+ c, k &+ c) }
    case (1, 0): for c in 0..<columns { body(i &+ c, j, k &+ c) }
    case (0, 1): for c in 0..<columns { body(i, j &+ c, k &+ c) }
    default:
      let strides = (columnStrides[0], columnStrides[1])
      for c in 0..<columns { body(i &+ c &* strides.0, j &+ c &* strides.1, k &+ c) }
    }
  }
}

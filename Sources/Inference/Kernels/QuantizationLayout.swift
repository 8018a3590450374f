import Tensors

/// An operator that rounds to integers: its gradient passes straight through.
protocol QuantizingOperator: DifferentiableOperator {}

/// Which elements share a scale.
struct QuantizationLayout: Sendable {
  private let axis: Int
  private let blockSize: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 1)
    blockSize = try node.int("block_size", default: 0)
  }

  /// Maps keep their layout unless blocks of an axis have a scale each.
  var layoutRule: LayoutRule { blockSize > 0 ? .rowMajor : .either }

  /// The window rule: scales, or whatever the second input is, are the same everywhere on a map.
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    let isEven = inputs[1].shape.count == 1 || inputs[0].shape.resolve(axis: axis) == 1
    guard isEven, blockSize == 0 else { return nil }
    return [.pointwise] + inputs.dropFirst().map { _ in nil }
  }

  /// Scales and zero points with the elements that each is for.
  struct Parameters: Sendable {
    fileprivate let scales: [Float]
    fileprivate let zeroPoints: [Float]
    /// Groups before the axis, its extent, elements after; scales along the axis and behind it.
    fileprivate let extents: (outer: Int, axis: Int, inner: Int)
    fileprivate let block: Int
    fileprivate let isBlocked: Bool

    /// Calls `body` with each element and its scale and zero point, in memory order.
    ///
    /// The usual kinds have loops of their own, which vectorise.
    @inline(__always)
    func forEachElement(_ body: (Int, Float, Float) -> Void) {
      let (outer, length, inner) = extents
      if scales.count == 1 {
        let (scale, zeroPoint) = (scales[0], zeroPoints[0])
        for i in 0..<outer * length * inner { body(i, scale, zeroPoint) }
      } else if isBlocked {
        forEachBlockedElement(body)
      } else if inner == 1 {
        scales.withUnsafeBufferPointer { scales in
          zeroPoints.withUnsafeBufferPointer { zeroPoints in
            for start in stride(from: 0, to: outer * length, by: max(length, 1)) {
              for a in 0..<length { body(start + a, scales[a], zeroPoints[a]) }
            }
          }
        }
      } else {
        for row in 0..<outer * length {
          let (scale, zeroPoint) = (scales[row % length], zeroPoints[row % length])
          for i in row * inner..<(row + 1) * inner { body(i, scale, zeroPoint) }
        }
      }
    }

    @inline(__always)
    private func forEachBlockedElement(_ body: (Int, Float, Float) -> Void) {
      let (outer, length, inner) = extents
      let blocks = (length + block - 1) / block
      var i = 0
      for group in 0..<outer {
        for a in 0..<length {
          for rest in 0..<inner {
            let parameter = (group * blocks + a / block) * inner + rest
            body(i, scales[parameter], zeroPoints[parameter])
            i += 1
          }
        }
      }
    }
  }

  /// Of `x, scale, zero point`, the last one optional.
  ///
  /// - Throws: `ShapeMismatch`, also when they are no constants.
  func parameters(_ inputs: [ValueDescription]) throws -> Parameters {
    guard let scale = inputs[1].constant else { throw ShapeMismatch("scales must be constants") }
    var zeroPoints: [Float]?
    if inputs.count > 2, !inputs[2].isOmitted {
      guard let constant = inputs[2].constant else {
        throw ShapeMismatch("zero points must be constants")
      }
      zeroPoints = constant.asFloats
    }
    return try parameters(of: inputs[0], scales: scale.asFloats, zeroPoints: zeroPoints)
  }

  /// `zeroPoints`: as many as scales; nil for zeros.
  ///
  /// Throws `ShapeMismatch`.
  func parameters(
    of value: ValueDescription, scales: [Float], zeroPoints: [Float]?
  ) throws -> Parameters {
    let x = value.storedShape
    let zeroPoints = zeroPoints ?? [Float](repeating: 0, count: scales.count)
    let isScalar = scales.count == 1
    let resolved = value.shape.resolve(axis: axis).map(value.storedAxis) ?? (isScalar ? 0 : nil)
    guard let resolved, zeroPoints.count == scales.count else {
      throw ShapeMismatch("\(scales.count) scales, \(zeroPoints.count) zero points on \(x)")
    }
    let extent = x.rank == 0 ? 1 : x[resolved]
    let outer = x.dimensions.prefix(resolved).reduce(1, *)
    let inner = x.dimensions.dropFirst(resolved + 1).reduce(1, *)
    let isBlocked = blockSize > 0
    let block = max(blockSize, 1)
    let expected = isBlocked ? outer * ((extent + block - 1) / block) * inner : extent
    guard isScalar && !isBlocked || scales.count == expected else {
      throw ShapeMismatch("\(scales.count) scales for \(x) along axis \(resolved)")
    }
    return Parameters(
      scales: scales, zeroPoints: zeroPoints, extents: (outer, extent, inner), block: block,
      isBlocked: isBlocked)
  }
}

extension QuantizationLayout.Parameters {
  /// Turns numbers into integers of a kind; what is beyond its range goes to the end of it.
  ///
  /// `rounded`: the integer of element `i`, from its scale and zero point.
  @inline(__always)
  func quantize(
    into y: UnsafeMutablePointer<Float>, _ range: ClosedRange<Float>,
    _ rounded: (_ i: Int, _ scale: Float, _ zeroPoint: Float) -> Float
  ) {
    let (low, high) = (range.lowerBound, range.upperBound)
    forEachElement { i, scale, zeroPoint in
      y[i] = min(max(rounded(i, scale, zeroPoint), low), high)
    }
  }
}

extension Float {
  /// The integer nearest to a number of steps, halves to even; beyond ±2²², an end of that.
  ///
  /// What `rounded` gives there, without its call for every element: where all numbers are 1 apart, adding
  /// rounds. No step of 16 bits is that far.
  @inline(__always)
  var nearestStep: Float {
    let (limit, unit): (Float, Float) = (0x1p22, 0x1.8p23)
    return (Swift.min(Swift.max(self, -limit), limit) + unit) - unit
  }
}

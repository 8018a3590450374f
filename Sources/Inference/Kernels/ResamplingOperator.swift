import Tensors

/// An operator that makes its first input's axes longer or shorter.
///
/// Axes are resampled one after another: forward gathers by weights, the gradient scatters by the same.
protocol ResamplingOperator: DifferentiableOperator, WindowedOperator {
  var filter: ResamplingFilter { get }
  /// Whether inputs are windows that hold everything the result reads.
  var isOnWindows: Bool { get set }
  /// What becomes of each axis, in ONNX's order.
  func axes(_ inputs: [ValueDescription]) throws -> [ResampledAxis]
  /// How many times as long each axis becomes; nil where sizes are stated, which windows do not share.
  func scales(_ inputs: [ValueDescription]) throws -> [Float]?
}

/// One axis before and after.
struct ResampledAxis {
  let source: Int
  let length: Int
  let scale: Float
  var crop: (first: Float, last: Float) = (0, 1)

  /// Longer axes belong to no image.
  static let longest: Float = 0x1p20

  /// An axis that becomes `scale` times as long.
  ///
  /// - Throws: `ShapeMismatch` when there is no such length.
  init(source: Int, scale: Float) throws {
    let length = (Float(source) * scale).rounded(.down)
    guard scale.isFinite, scale > 0, length >= 1, length <= ResampledAxis.longest else {
      throw ShapeMismatch("an axis of \(source) cannot be scaled by \(scale)")
    }
    self.source = source
    self.length = Int(length)
    self.scale = scale
  }

  /// - Throws: `ShapeMismatch` when there is no such length.
  init(source: Int, length: Int, scale: Float? = nil) throws {
    guard source > 0, (1...Int(ResampledAxis.longest)).contains(length) else {
      throw ShapeMismatch("an axis of \(source) cannot become one of \(length)")
    }
    self.source = source
    self.length = length
    self.scale = scale ?? Float(length) / Float(source)
  }
}

extension ResamplingOperator {
  package func layoutRule(for inputs: [ValueDescription]) -> LayoutRule {
    inputs[0].shape.rank == 4 ? .channelsLast : .rowMajor
  }

  private func weights(_ inputs: [ValueDescription]) throws -> [ResamplingWeights] {
    guard !isOnWindows else {
      return try zip(inputs[0].shape.dimensions, scales(inputs) ?? []).map { source, scale in
        guard let even = EvenResampling(filter, scale: scale) else {
          throw ShapeMismatch("scale \(scale) has no windows")
        }
        return even.weights(source: source)
      }
    }
    return try axes(inputs).map { axis in
      filter.weights(source: axis.source, length: axis.length, scale: axis.scale, crop: axis.crop)
    }
  }

  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    [Shape(isOnWindows ? try weights(inputs).map(\.length) : try axes(inputs).map(\.length))]
  }

  private func resampling(_ context: KernelContext) throws -> Resampling {
    let input = context.input
    let weights = try weights(context.inputs)
    var stored = weights
    for axis in weights.indices { stored[input.storedAxis(axis)] = weights[axis] }
    return Resampling(stored, extrapolation: filter.extrapolation)
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    try resampling(context).forward()
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    try resampling(context).gradient()
  }

  /// A result that shrinks by a whole number reads the same everywhere, unless it needs what stands
  /// at the map's ends.
  package func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    guard inputs[0].shape.rank == 4, let scales = try? scales(inputs), scales.count == 4,
      let tables = try? weights(inputs), tables[0].isIdentity, tables[1].isIdentity
    else { return nil }
    var field = ReceptiveField()
    for axis in 0..<2 {
      guard let even = EvenResampling(filter, scale: scales[axis + 2]),
        even.describes(tables[axis + 2])
      else { return nil }
      field.extent[axis] = even.weights.count
      field.stride[axis] = even.stride
      field.padBefore[axis] = -even.first
    }
    return [field] + inputs.dropFirst().map { _ in nil }
  }

  package var onWindows: any Operator {
    var windowed = self
    windowed.isOnWindows = true
    return windowed
  }
}

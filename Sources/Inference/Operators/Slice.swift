import Tensors

/// A part of the input: along some axes, every `step`th element from `start` up to `end`.
///
/// Shapes: `x [...]`, `starts`, `ends`, `axes`, `steps [a]` constants → `y [...]`. ONNX `Slice`,
/// opsets 1–28; attributes before opset 10.
struct Slice: Operator {
  static let type = "Slice"

  private let attributes: (starts: [Int], ends: [Int], axes: [Int]?)?

  init(_ node: NodeReader) throws {
    if let starts = try node.ints("starts"), let ends = try node.ints("ends") {
      attributes = (starts, ends, try node.ints("axes"))
    } else {
      attributes = nil
      guard node.hasInput(1), node.hasInput(2) else {
        throw node.failure("starts and ends are missing")
      }
    }
  }

  /// First element, distance and number of elements along one axis.
  private struct Range {
    var start = 0
    var step = 1
    var count: Int
  }

  private func ranges(_ inputs: [ValueDescription]) throws -> [Range] {
    let x = inputs[0].shape
    func integers(_ index: Int, _ what: String) throws -> [Int]? {
      guard index < inputs.count, !inputs[index].isOmitted else { return nil }
      return try inputs[index].integers(what)
    }
    let starts = try attributes?.starts ?? inputs[1].integers("starts")
    let ends = try attributes?.ends ?? inputs[2].integers("ends")
    let axes =
      try (attributes == nil ? integers(3, "axes") : attributes?.axes)
      ?? Array(starts.indices)
    let steps = try integers(4, "steps") ?? [Int](repeating: 1, count: starts.count)
    guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count else {
      throw ShapeMismatch("starts, ends, axes and steps differ in length")
    }
    var ranges = x.dimensions.map { Range(count: $0) }
    for (position, stated) in axes.enumerated() {
      guard let axis = x.resolve(axis: stated), steps[position] != 0 else {
        throw ShapeMismatch("axis \(stated) with step \(steps[position]) on \(x)")
      }
      ranges[axis] = Slice.range(
        starts[position], ends[position], max(-(1 << 40), min(steps[position], 1 << 40)),
        extent: x[axis])
    }
    return ranges
  }

  /// Negative bounds count from the end; what exceeds the axis is cut off.
  private static func range(_ start: Int, _ end: Int, _ step: Int, extent: Int) -> Range {
    func clamp(_ bound: Int, _ range: ClosedRange<Int>) -> Int {
      let counted = bound < 0 ? (bound < -extent ? -1 : bound + extent) : bound
      return min(max(counted, range.lowerBound), range.upperBound)
    }
    if step > 0 {
      let first = bound(start, extent, 0...extent)
      let last = bound(end, extent, 0...extent)
      return Range(start: first, step: step, count: max(0, (last - first + step - 1) / step))
    }
    let first = clamp(start, -1...max(extent - 1, -1))
    let last = clamp(end, -1...max(extent - 1, -1))
    return Range(start: first, step: step, count: max(0, (first - last - step - 1) / -step))
  }

  private static func bound(_ stated: Int, _ extent: Int, _ range: ClosedRange<Int>) -> Int {
    let counted = stated < 0 ? max(stated, -extent) + extent : stated
    return min(max(counted, range.lowerBound), range.upperBound)
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    [Shape(try ranges(inputs).map(\.count))]
  }

  func isView(of inputs: [ValueDescription], as output: ValueDescription) -> Bool {
    inputs[0].shape == output.shape && ((try? ranges(inputs))?.allSatisfy { $0.step > 0 } ?? false)
  }

  /// The elements taken, where every step is forward and ends within its extent: oneDNN wants each axis
  /// to end before the next one begins, and four steps of two do not fit in seven.
  private func copy(_ inputs: [ValueDescription]) throws -> StridedCopy? {
    let input = inputs[0]
    let ranges = try ranges(inputs)
    let fits = zip(ranges, input.shape.dimensions).allSatisfy { range, extent in
      range.step == 1 || range.step > 0 && range.count * range.step <= extent
    }
    guard fits else { return nil }
    let order = input.layout == .channelsLast ? Layout.channelsLastAxes : Array(ranges.indices)
    let strides = input.storedShape.rowMajorStrides
    return StridedCopy(
      extents: order.map { ranges[$0].count },
      strides: zip(order, strides).map { ranges[$0].step * $1 },
      offset: zip(order, strides).reduce(0) { $0 + ranges[$1.0].start * $1.1 })
  }

  private func rearrangement(_ context: KernelContext) throws -> Rearrangement {
    let input = context.input
    let ranges = try ranges(context.inputs)
    let order = input.layout == .channelsLast ? Layout.channelsLastAxes : Array(ranges.indices)
    let strides = input.storedShape.rowMajorStrides
    let start = zip(order, strides).reduce(0) { $0 + ranges[$1.0].start * $1.1 }
    var sources: [Int32] = []
    forEachOffset(
      of: Shape(order.map { ranges[$0].count }),
      strides: zip(order, strides).map { ranges[$0].step * $1 }
    ) { sources.append(Int32(start + $0)) }
    return Rearrangement(sources: sources, sourceCount: input.shape.count)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try copy(context.inputs)?.forward() ?? rearrangement(context).forward()
  }
}

extension Slice: MovingOperator {}

extension Slice: WindowedOperator {
  /// Rows and columns stay whole.
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    let x = inputs[0].shape
    guard x.rank == 4, let y = try? outputShapes(for: inputs)[0], y[0] == x[0], y[2] == x[2],
      y[3] == x[3],
      (try? ranges(inputs))?.allSatisfy({ $0.step > 0 }) ?? false
    else { return nil }
    return pointwiseField(for: inputs)
  }
}

// What was not taken has no influence.
extension Slice: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    guard let copy = try copy(context.inputs) else { return try rearrangement(context).gradient() }
    let count = context.input.shape.count
    return KernelSequence([
      FunctionKernel { $0.inputGradients[0]?.update(repeating: 0, count: count) },
      try copy.gradient(),
    ])
  }
}

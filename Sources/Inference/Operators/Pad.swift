import Tensors

/// The input with elements added around it.
///
/// Shapes: `x [d...] → y [d + begin + end ...]`. ONNX `Pad`, opsets 1–24; pads are an attribute, or a
/// constant input from opset 11. Modes constant, reflect, edge and wrap;
/// negative pads crop.
struct Pad: Operator {
  static let type = "Pad"

  private enum Mode: String {
    case constant, reflect, edge, wrap
  }

  private let mode: Mode
  private let attributePads: [Int]?
  private let attributeValue: Float
  private let hasValue: Bool
  private let hasAxes: Bool

  init(_ node: NodeReader) throws {
    let name = try node.string("mode", default: "constant")
    guard let mode = Mode(rawValue: name) else {
      throw node.failure("mode '\(name)' is not supported")
    }
    self.mode = mode
    attributePads = try node.ints("pads")
    attributeValue = try node.float("value", default: 0)
    hasValue = node.hasInput(2)
    hasAxes = node.hasInput(3)
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  /// Elements added before and after each axis, in ONNX's axis order.
  private func pads(_ inputs: [ValueDescription]) throws -> [(before: Int, after: Int)] {
    let rank = inputs[0].shape.rank
    guard
      let stated = attributePads ?? (inputs.count > 1 ? inputs[1].constant?.integers : nil)
    else { throw ShapeMismatch("pads must be constants") }
    var axes = Array(0..<rank)
    if hasAxes {
      guard let constant = inputs[3].constant?.integers else {
        throw ShapeMismatch("axes must be constants")
      }
      axes = try constant.map { axis in
        guard let resolved = inputs[0].shape.resolve(axis: axis) else {
          throw ShapeMismatch("axis \(axis) is outside \(inputs[0].shape)")
        }
        return resolved
      }
    }
    let sane = -1 << 16...1 << 16
    guard stated.count == 2 * axes.count, stated.allSatisfy(sane.contains) else {
      throw ShapeMismatch("pads \(stated) must be \(2 * axes.count) numbers in \(sane)")
    }
    var pads = [(before: Int, after: Int)](repeating: (0, 0), count: rank)
    for (position, axis) in axes.enumerated() {
      pads[axis] = (stated[position], stated[position + axes.count])
    }
    return pads
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let pads = try pads(inputs)
    let x = inputs[0].shape
    if mode == .reflect {
      for (axis, pad) in pads.enumerated() where max(pad.before, pad.after) >= x[axis] {
        guard pad == (0, 0) else { throw ShapeMismatch("reflection pad exceeds \(x)") }
      }
    }
    let extents = x.dimensions.indices.map { x[$0] + pads[$0].before + pads[$0].after }
    guard extents.allSatisfy({ $0 >= 0 }) else { throw ShapeMismatch("pads exceed \(x)") }
    return [Shape(extents)]
  }

  private func filler(_ inputs: [ValueDescription]) throws -> Float {
    guard hasValue, !inputs[2].isOmitted else { return attributeValue }
    guard let constant = try inputs[2].constant?.checkedExact().asFloats.first else {
      throw ShapeMismatch("the padding value must be a constant")
    }
    return constant
  }

  func rearrangement(
    _ inputs: [ValueDescription], output: ValueDescription
  ) throws -> Rearrangement {
    let input = inputs[0]
    let pads = try pads(inputs)
    let filler = try filler(inputs)
    let stored = input.storedShape
    let result = output.storedShape
    let strides = stored.rowMajorStrides
    var before = [Int](repeating: 0, count: stored.rank)
    for axis in pads.indices { before[input.storedAxis(axis)] = pads[axis].before }

    // One table per axis: where result index i comes from, −1 outside.
    let tables = stored.dimensions.indices.map { axis in
      (0..<result[axis]).map { source(of: $0 - before[axis], extent: stored[axis]) }
    }
    var sources: [Int32] = []
    sources.reserveCapacity(result.count)
    forEachOffset(of: result, strides: result.rowMajorStrides) { offset in
      var rest = offset
      var source = 0
      for axis in (0..<result.rank).reversed() {
        let index = tables[axis][rest % result[axis]]
        rest /= result[axis]
        source = index < 0 || source < 0 ? -1 : source + index * strides[axis]
      }
      sources.append(Int32(source))
    }
    return Rearrangement(sources: sources, sourceCount: stored.count, filler: filler)
  }

  private func source(of index: Int, extent: Int) -> Int {
    if (0..<extent).contains(index) { return index }
    switch mode {
    case .constant: return -1
    case .edge: return min(max(index, 0), extent - 1)
    case .reflect: return index < 0 ? -index : 2 * (extent - 1) - index
    case .wrap: return (index % extent + extent) % extent
    }
  }
}

extension Pad: WindowedOperator {
  /// A constant around rows and columns is what stands outside the map.
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    guard mode == .constant, let pads = try? pads(inputs), let filler = try? filler(inputs),
      pads.count == 4, pads[0] == (0, 0), pads[1] == (0, 0),
      pads.allSatisfy({ $0.before >= 0 && $0.after >= 0 })
    else { return nil }
    let field = ReceptiveField(padBefore: [pads[2].before, pads[3].before], filler: filler)
    return [field] + inputs.dropFirst().map { _ in nil }
  }

  /// Windows are cut out with their surroundings.
  var onWindows: any Operator { Identity() }
}

extension Pad: RearrangingOperator {}

import Tensors

/// The slices along an axis for which a condition holds.
///
/// Shapes: `x [..., d, ...]`, `condition [≤ d]` constant → `y [..., count, ...]`; without `axis`, of all
/// elements in a row. ONNX `Compress`, opsets 9–28.
struct Compress: Operator {
  static let type = "Compress"
  static let requiredInputs = 2

  /// Nil where the input counts as a row.
  private let axis: Int?

  init(_ node: NodeReader) throws {
    axis = node.node.attributes["axis"] == nil ? nil : try node.int("axis", default: 0)
  }

  /// The input along the axis, and which of its slices stay.
  private func plan(_ inputs: [ValueDescription]) throws -> (view: AxisView, kept: [Int]) {
    guard let condition = inputs[1].constant else {
      throw ShapeMismatch("the condition, which decides a shape, must be constant")
    }
    let x = inputs[0].shape
    let view = try AxisView(axis == nil ? [x.count] : x, resolving: axis ?? 0)
    let truths = condition.asFloats
    guard truths.count <= view.extent else {
      throw ShapeMismatch("\(truths.count) conditions on \(x)")
    }
    return (view, truths.indices.filter { truths[$0] != 0 })
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let kept = try plan(inputs).kept.count
    guard let axis else { return [[kept]] }
    var shape = inputs[0].shape
    shape[shape.resolve(axis: axis) ?? 0] = kept
    return [shape]
  }
}

extension Compress: RearrangingOperator {
  func rearrangement(
    _ inputs: [ValueDescription], output: ValueDescription
  ) throws -> Rearrangement {
    let (view, kept) = try plan(inputs)
    var sources: [Int32] = []
    sources.reserveCapacity(output.shape.count)
    for o in 0..<view.outer {
      for k in kept {
        let start = (o * view.extent + k) * view.inner
        sources += (start..<start + view.inner).map { Int32($0) }
      }
    }
    return Rearrangement(sources: sources, sourceCount: inputs[0].shape.count)
  }
}

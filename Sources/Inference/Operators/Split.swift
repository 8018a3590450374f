import Tensors

/// The input cut along an axis.
///
/// Shapes: `x [..., d, ...] → y_i [..., d_i, ...]`. ONNX `Split`, opsets 2–28; lengths are an attribute,
/// a constant input from opset 13, or equal.
struct Split: Operator {
  static let type = "Split"

  private let axis: Int
  private let attributeLengths: [Int]?
  private let parts: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 0)
    attributeLengths = try node.ints("split")
    parts = node.node.outputs.count
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  private func lengths(_ inputs: [ValueDescription]) throws -> (axis: Int, lengths: [Int]) {
    let x = inputs[0].shape
    guard let axis = x.resolve(axis: axis) else {
      throw ShapeMismatch("axis \(axis) is outside \(x)")
    }
    var lengths = attributeLengths
    if inputs.count > 1, !inputs[1].isOmitted { lengths = try inputs[1].integers("lengths") }
    // Equal parts, the last one shorter when need be.
    let equal = (x[axis] + parts - 1) / max(parts, 1)
    let result = lengths ?? (0..<parts).map { min(equal, max(x[axis] - $0 * equal, 0)) }
    guard result.count == parts, result.allSatisfy({ (0...x[axis]).contains($0) }),
      result.reduce(0, +) == x[axis]
    else { throw ShapeMismatch("\(x) cannot be split into \(result) along axis \(axis)") }
    return (axis, result)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let (axis, lengths) = try lengths(inputs)
    return lengths.map { length in
      var shape = inputs[0].shape
      shape[axis] = length
      return shape
    }
  }

  private func copies(_ inputs: [ValueDescription]) throws -> [StridedCopy] {
    let (axis, lengths) = try lengths(inputs)
    let stored = inputs[0].storedAxis(axis)
    let strides = inputs[0].storedShape.rowMajorStrides
    var start = 0
    return lengths.map { length in
      defer { start += length }
      var extents = inputs[0].storedShape.dimensions
      extents[stored] = length
      return StridedCopy(extents: extents, strides: strides, offset: start * strides[stored])
    }
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    KernelSequence(
      try copies(context.inputs).enumerated().map { try $1.forward(to: $0) })
  }
}

extension Split: MovingOperator {}

// The parts' gradients side by side; a part that nothing reads has none.
extension Split: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let count = context.input.shape.count
    let copies = try copies(context.inputs).enumerated().map { try $1.gradient(from: $0) }
    return KernelSequence(
      [
        FunctionKernel { buffers in
          guard buffers.outputGradients.contains(where: { $0 == nil }) else { return }
          buffers.inputGradients[0]?.update(repeating: 0, count: count)
        }
      ] + copies)
  }
}

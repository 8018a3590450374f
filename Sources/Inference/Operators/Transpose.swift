import Tensors

/// Axes in another order: axis `i` of the result is axis `perm[i]` of the input.
///
/// Shapes: `x [d0, d1, ...] → y [d_perm0, d_perm1, ...]`. ONNX `Transpose`, opsets 1–24.
struct Transpose: Operator {
  static let type = "Transpose"

  private let permutation: [Int]?

  init(_ node: NodeReader) throws {
    permutation = try node.ints("perm")
  }

  private func axes(_ shape: Shape) throws -> [Int] {
    let axes = permutation ?? Array((0..<shape.rank).reversed())
    guard axes.sorted() == Array(0..<shape.rank) else {
      throw ShapeMismatch("perm \(axes) does not order the axes of \(shape)")
    }
    return axes
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let shape = inputs[0].shape
    return [Shape(try axes(shape).map { shape[$0] })]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    Rearrangement(
      transposing: context.input.shape, axes: try axes(context.input.shape)
    ).forward()
  }
}

extension Transpose: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    Rearrangement(
      transposing: context.input.shape, axes: try axes(context.input.shape)
    ).gradient()
  }
}

extension Transpose: FoldableOperator {
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0] else { return nil }
    return [input.transposed(try axes(input.shape))]
  }
}

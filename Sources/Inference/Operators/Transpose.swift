import Tensors

/// Axes in another order: axis `i` of the result is axis `perm[i]` of the input.
///
/// Shapes: `x [d0, d1, ...] → y [d_perm0, d_perm1, ...]`. ONNX `Transpose`, opsets 1–28. Costs nothing
/// where the layout of maps already has the order asked for.
struct Transpose: Operator {
  static let type = "Transpose"

  let permutation: [Int]?

  init(_ node: NodeReader) throws {
    permutation = try node.ints("perm")
  }

  init(_ permutation: [Int]) {
    self.permutation = permutation
  }

  private func axes(_ shape: Shape) throws -> [Int] {
    let axes = permutation ?? Array((0..<shape.rank).reversed())
    guard axes.sorted() == Array(0..<shape.rank) else {
      throw ShapeMismatch("perm \(axes) does not order the axes of \(shape)")
    }
    return axes
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule {
    guard inputs[0].shape.rank == 4, let shape = try? outputShapes(for: inputs)[0] else {
      return .rowMajor
    }
    let layouts: [Layout] = [.rowMajor, .channelsLast]
    let free = layouts.first { layout in
      isView(of: inputs, as: ValueDescription(shape: shape, layout: layout))
    }
    return .asStored(free ?? .rowMajor)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let shape = inputs[0].shape
    return [Shape(try axes(shape).map { shape[$0] })]
  }

  func isView(of inputs: [ValueDescription], as output: ValueDescription) -> Bool {
    (try? copy(inputs[0], output))?.isIdentity ?? false
  }

  private func copy(_ input: ValueDescription, _ output: ValueDescription) throws -> StridedCopy {
    let axes = try axes(input.shape)
    let strides = input.storedShape.rowMajorStrides
    let order = output.layout == .channelsLast ? Layout.channelsLastAxes : Array(axes.indices)
    return StridedCopy(
      extents: order.map { output.shape[$0] },
      strides: order.map { strides[input.storedAxis(axes[$0])] })
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try copy(context.input, context.output).forward()
  }
}

extension Transpose: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try copy(context.input, context.output).gradient()
  }
}

extension Transpose: FoldableOperator {
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0] else { return nil }
    return [input.transposed(try axes(input.shape))]
  }
}

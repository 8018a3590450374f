import Tensors

/// `y[..., k, ...] = on` where `k` is the index, else `off`.
///
/// Shapes: `indices [...]`, `depth` one constant, `values [2]` constant (off, on) → `y` with an axis of
/// `depth` added. ONNX `OneHot`, opsets 9–28; negative indices count from the end, others outside
/// set nothing.
struct OneHot: Operator {
  static let type = "OneHot"
  static let requiredInputs = 3

  private let axis: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: -1)
  }

  private func depth(_ inputs: [ValueDescription]) throws -> Int {
    guard let depth = inputs[1].constant?.asFloats.first, inputs[1].shape.count == 1,
      (1...0x1p24).contains(depth)
    else { throw ShapeMismatch("depth must be one positive constant") }
    guard inputs[2].constant?.shape.count == 2 else {
      throw ShapeMismatch("values must be two constants, off and on")
    }
    return Int(depth)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    var extents = inputs[0].shape.dimensions
    let position = axis < 0 ? axis + extents.count + 1 : axis
    guard (0...extents.count).contains(position) else {
      throw ShapeMismatch("axis \(axis) is outside the result of \(inputs[0].shape)")
    }
    extents.insert(try depth(inputs), at: position)
    return [Shape(extents)]
  }

  /// Where each index sets its element in a result seen as `view`; nil outside.
  private func position(_ index: Float, line: Int, _ view: AxisView) -> Int? {
    let depth = Float(view.extent)
    let index = index < 0 ? index + depth : index
    guard index >= 0, index < depth else { return nil }
    let (o, i) = line.quotientAndRemainder(dividingBy: view.inner)
    return (o * view.extent + Int(index)) * view.inner + i
  }

  private func view(_ result: Shape) throws -> AxisView {
    try AxisView(result, resolving: axis)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let view = try view(context.output.shape)
    let values = context.inputs[2].constant?.asFloats ?? []
    let (total, lines) = (context.output.shape.count, context.input.shape.count)
    return FunctionKernel { buffers in
      buffers.output.update(repeating: values[0], count: total)
      for line in 0..<lines {
        if let k = self.position(buffers.input(0)[line], line: line, view) {
          buffers.output[k] = values[1]
        }
      }
    }
  }
}

extension OneHot: StaircaseOperator {}

extension OneHot: FoldableOperator {
  /// The result is of the values' kind.
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let indices = inputs[0], let values = inputs[2], values.shape.count == 2,
      case .int64(let numbers) = values.elements
    else { return nil }
    let shape = try outputShapes(
      for: inputs.map { ValueDescription(shape: $0?.shape ?? [], constant: $0) })[0]
    try checkFolded(shape)
    let view = try view(shape)
    var result = [Int64](repeating: numbers[0], count: shape.count)
    for (line, index) in try indices.exactFloats.enumerated() {
      if let k = position(index, line: line, view) { result[k] = numbers[1] }
    }
    return [Tensor(shape, result)]
  }
}

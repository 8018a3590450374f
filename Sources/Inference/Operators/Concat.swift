import Tensors

/// Inputs one after another along an axis.
///
/// Shapes: `x_i [..., d_i, ...] → y [..., Σ d_i, ...]`. ONNX `Concat`, opsets 4–13.
struct Concat: Operator {
  static let type = "Concat"

  private let axis: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 0)
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  private func result(_ shapes: [Shape]) throws -> (axis: Int, shape: Shape) {
    guard let axis = shapes[0].resolve(axis: axis) else {
      throw ShapeMismatch("axis \(axis) is outside \(shapes[0])")
    }
    var result = shapes[0]
    for shape in shapes.dropFirst() {
      guard shape.rank == result.rank,
        shape.dimensions.indices.allSatisfy({ $0 == axis || shape[$0] == result[$0] })
      else { throw ShapeMismatch("\(shapes[0]) and \(shape) differ beside axis \(axis)") }
      result[axis] += shape[axis]
    }
    return (axis, result)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    [try result(inputs.map(\.shape)).shape]
  }

  /// Runs of elements to copy: how often, and how many from each input each time.
  private func runs(_ context: KernelContext) throws -> (count: Int, lengths: [Int]) {
    let axis = try result(context.inputs.map(\.shape)).axis
    let stored = context.output.storedAxis(axis)
    let outer = context.output.storedShape.dimensions[..<stored].reduce(1, *)
    let lengths = context.inputs.map { input in
      input.storedShape.dimensions[stored...].reduce(1, *)
    }
    return (outer, lengths)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let (count, lengths) = try runs(context)
    return FunctionKernel { buffers in
      var target = buffers.output
      for run in 0..<count {
        for (index, length) in lengths.enumerated() {
          target.update(from: buffers.input(index) + run * length, count: length)
          target += length
        }
      }
    }
  }
}

extension Concat: WindowedOperator {
  /// Maps are joined by channels, none of them constant.
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    let joinsChannels = inputs[0].shape.resolve(axis: axis) == 1
    guard joinsChannels, !inputs.contains(where: \.isConstant) else { return nil }
    return inputs.map { _ in .pointwise }
  }
}

extension Concat: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let (count, lengths) = try runs(context)
    return FunctionKernel { buffers in
      var source = buffers.gradient
      for run in 0..<count {
        for (index, length) in lengths.enumerated() {
          if let target = buffers.inputGradients[index] {
            (target + run * length).update(from: source, count: length)
          }
          source += length
        }
      }
    }
  }
}

extension Concat: FoldableOperator {
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    let parts = inputs.compactMap { $0 }
    guard parts.count == inputs.count, !parts.isEmpty else { return nil }
    var integers: [[Int64]] = []
    for part in parts {
      guard case .int64(let values) = part.elements else { return nil }
      integers.append(values)
    }
    let (axis, shape) = try result(parts.map(\.shape))
    let outer = shape.dimensions[..<axis].reduce(1, *)
    var joined: [Int64] = []
    for run in 0..<outer {
      for values in integers {
        let length = values.count / max(outer, 1)
        joined += values[run * length..<(run + 1) * length]
      }
    }
    return [Tensor(shape, joined)]
  }
}

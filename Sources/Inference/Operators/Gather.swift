import Tensors

/// Slices of the input chosen by index along an axis.
///
/// Shapes: `x [before, d, after]`, `indices [...]` → `y [before, indices..., after]`.
/// ONNX `Gather`, opsets 1–28. Constant indices are checked; where one that is fed lies outside, the
/// slice is NaN.
struct Gather: Operator {
  static let type = "Gather"
  static let requiredInputs = 2

  private let axis: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 0)
  }

  /// Runs of `length` elements: how often, from `extent` slices, how many of them.
  private struct Plan {
    let outer: Int
    let extent: Int
    let length: Int
    let count: Int
    /// Nil when they are fed.
    let indices: [Int]?
    let shape: Shape

    /// Calls `body` with each slice's index, nil outside, in order of the result.
    @inline(__always)
    func forEachSlice(_ buffers: Buffers, _ body: (_ run: Int, _ index: Int?) -> Void) {
      for run in 0..<outer {
        for position in 0..<count {
          if let indices {
            body(run, indices[position])
          } else {
            let stated = Int(exactly: buffers.input(1)[position].rounded()) ?? extent
            let index = stated < 0 ? stated + extent : stated
            body(run, (0..<extent).contains(index) ? index : nil)
          }
        }
      }
    }
  }

  private func plan(_ inputs: [ValueDescription]) throws -> Plan {
    let x = inputs[0].shape
    guard let axis = x.resolve(axis: axis) else {
      throw ShapeMismatch("axis \(axis) is outside \(x)")
    }
    let extent = x[axis]
    var indices: [Int]?
    if inputs[1].isConstant {
      let stated = try inputs[1].integers("indices").map { $0 < 0 ? $0 + extent : $0 }
      guard stated.allSatisfy({ (0..<extent).contains($0) }) else {
        throw ShapeMismatch("indices \(stated) are outside extent \(extent)")
      }
      indices = stated
    }
    let before = x.dimensions[..<axis]
    let after = x.dimensions[(axis + 1)...]
    return Plan(
      outer: before.reduce(1, *), extent: extent, length: after.reduce(1, *),
      count: inputs[1].shape.count, indices: indices,
      shape: Shape(before + inputs[1].shape.dimensions + after))
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] { [try plan(inputs).shape] }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let plan = try plan(context.inputs)
    return FunctionKernel { buffers in
      var target = buffers.output
      plan.forEachSlice(buffers) { run, index in
        if let index {
          let source = buffers.input(0) + (run * plan.extent + index) * plan.length
          target.update(from: source, count: plan.length)
        } else {
          target.update(repeating: .nan, count: plan.length)
        }
        target += plan.length
      }
    }
  }
}

extension Gather: MovingOperator {}

// A slice chosen several times receives the sum; indices have no gradient.
extension Gather: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let plan = try plan(context.inputs)
    let count = context.input.shape.count
    let indexCount = context.inputs[1].shape.count
    return FunctionKernel { buffers in
      if buffers.inputGradients.count > 1 {
        buffers.inputGradients[1]?.update(repeating: 0, count: indexCount)
      }
      guard let xGradient = buffers.inputGradients[0] else { return }
      xGradient.update(repeating: 0, count: count)
      var source = buffers.gradient
      plan.forEachSlice(buffers) { run, index in
        if let index {
          let target = xGradient + (run * plan.extent + index) * plan.length
          for i in 0..<plan.length { target[i] += source[i] }
        }
        source += plan.length
      }
    }
  }
}

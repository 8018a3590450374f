import Tensors

/// Slices of the input chosen by index along an axis.
///
/// Shapes: `x [before, d, after]`, `indices [...]` constant → `y [before, indices..., after]`.
/// ONNX `Gather`, opsets 1–28.
struct Gather: Operator {
  static let type = "Gather"
  static let requiredInputs = 2

  private let axis: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 0)
  }

  /// Runs of `length` elements: how often, from `extent` slices, which of them.
  private struct Plan {
    let outer: Int
    let extent: Int
    let length: Int
    let indices: [Int]
    let shape: Shape
  }

  private func plan(_ inputs: [ValueDescription]) throws -> Plan {
    let x = inputs[0].shape
    guard let axis = x.resolve(axis: axis) else {
      throw ShapeMismatch("axis \(axis) is outside \(x)")
    }
    let extent = x[axis]
    let indices = try inputs[1].integers("indices").map { $0 < 0 ? $0 + extent : $0 }
    guard indices.allSatisfy({ (0..<extent).contains($0) }) else {
      throw ShapeMismatch("indices \(indices) are outside extent \(extent)")
    }
    let before = x.dimensions[..<axis]
    let after = x.dimensions[(axis + 1)...]
    return Plan(
      outer: before.reduce(1, *), extent: extent, length: after.reduce(1, *), indices: indices,
      shape: Shape(before + inputs[1].shape.dimensions + after))
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] { [try plan(inputs).shape] }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let plan = try plan(context.inputs)
    return FunctionKernel { buffers in
      var target = buffers.output
      for run in 0..<plan.outer {
        for index in plan.indices {
          let source = buffers.input(0) + (run * plan.extent + index) * plan.length
          target.update(from: source, count: plan.length)
          target += plan.length
        }
      }
    }
  }
}

extension Gather: MovingOperator {}

// A slice chosen several times receives the sum.
extension Gather: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let plan = try plan(context.inputs)
    let count = context.input.shape.count
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      xGradient.update(repeating: 0, count: count)
      var source = buffers.gradient
      for run in 0..<plan.outer {
        for index in plan.indices {
          let target = xGradient + (run * plan.extent + index) * plan.length
          for i in 0..<plan.length { target[i] += source[i] }
          source += plan.length
        }
      }
    }
  }
}

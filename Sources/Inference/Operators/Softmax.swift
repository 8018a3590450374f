import Foundation
import Tensors

/// `y = e^x / Σ e^x` along an axis.
///
/// Shapes: `x [...] → y [...]`. ONNX `Softmax`, opsets 1–13. Before opset 13 the sum runs over the
/// axis and all that follow.
struct Softmax: Operator {
  static let type = "Softmax"

  private let axis: Int
  private let sumsFollowingAxes: Bool

  init(_ node: NodeReader) throws {
    sumsFollowingAxes = node.opset < 13
    axis = try node.int("axis", default: sumsFollowingAxes ? 1 : -1)
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    guard inputs[0].shape.rank == 0 || inputs[0].shape.resolve(axis: axis) != nil else {
      throw ShapeMismatch("axis \(axis) is outside \(inputs[0].shape)")
    }
    return [inputs[0].shape]
  }

  /// Groups to normalise: how many before, elements in each, distance between them.
  private func groups(_ shape: Shape) -> (outer: Int, length: Int, inner: Int) {
    let axis = shape.resolve(axis: axis) ?? 0
    let outer = shape.dimensions[..<axis].reduce(1, *)
    if sumsFollowingAxes { return (outer, shape.count / max(outer, 1), 1) }
    let length = shape.rank == 0 ? 1 : shape[axis]
    return (outer, length, shape.count / max(outer * length, 1))
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let (outer, length, inner) = groups(context.output.shape)
    return FunctionKernel { buffers in
      let x = buffers.input(0)
      let y = buffers.output
      for group in 0..<outer * inner {
        let start = group / inner * length * inner + group % inner
        var largest = -Float.infinity
        for i in 0..<length { largest = max(largest, x[start + i * inner]) }
        var sum: Float = 0
        for i in 0..<length {
          let value = exp(x[start + i * inner] - largest)
          y[start + i * inner] = value
          sum += value
        }
        for i in 0..<length { y[start + i * inner] /= sum }
      }
    }
  }
}

// ∂x = y · (∂y − Σ ∂y · y)
extension Softmax: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let (outer, length, inner) = groups(context.output.shape)
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let y = buffers.output
      let yGradient = buffers.gradient
      for group in 0..<outer * inner {
        let start = group / inner * length * inner + group % inner
        var dot: Float = 0
        for i in 0..<length { dot += yGradient[start + i * inner] * y[start + i * inner] }
        for i in 0..<length {
          let at = start + i * inner
          xGradient[at] = y[at] * (yGradient[at] - dot)
        }
      }
    }
  }
}

import Tensors

/// The input repeated along axes of extent 1, with NumPy's broadcasting.
///
/// Shapes: `x [...]`, `shape [rank]` constant → `y`, the broadcast of both. ONNX `Expand`, opsets 8–28.
struct Expand: Operator {
  static let type = "Expand"
  static let requiredInputs = 2

  init(_ node: NodeReader) {}

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let target = Shape(try inputs[1].integers("the shape"))
    guard target.dimensions.allSatisfy({ $0 >= 0 }),
      let shape = inputs[0].shape.broadcast(with: target)
    else { throw ShapeMismatch("\(inputs[0].shape) does not broadcast to \(target)") }
    return [shape]
  }

  func isView(of inputs: [ValueDescription], as output: ValueDescription) -> Bool {
    inputs[0].shape.count == output.shape.count
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    repetition(context).forward()
  }

  private func repetition(_ context: KernelContext) -> Repetition {
    let (x, y) = (context.input.shape, context.output.shape)
    return Repetition(loop: BroadcastLoop(x, y, y), sourceCount: x.count)
  }
}

extension Expand: MovingOperator {}

extension Expand: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    repetition(context).gradient()
  }
}

/// Elements that each appear several times in the result.
struct Repetition {
  /// Walks the source as its left, the result as its right operand.
  let loop: BroadcastLoop
  let sourceCount: Int

  func forward() -> any Kernel {
    FunctionKernel { [loop] buffers in
      let x = buffers.input(0)
      let y = buffers.output
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, _, k in y[k] = x[i] }
      }
    }
  }

  func gradient() -> any Kernel {
    FunctionKernel { [loop, sourceCount] buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let yGradient = buffers.gradient
      xGradient.update(repeating: 0, count: sourceCount)
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, _, k in xGradient[i] += yGradient[k] }
      }
    }
  }
}

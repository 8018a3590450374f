import Tensors

/// `y = clamp(round(left · a + offset + right · b))`, with broadcasting: quantised integers added in steps of
/// the result.
///
/// Shapes: `a [...]`, `b [...]`, then constants of one number: the factors `left` and `right`, the offset, and a
/// zero point whose kind of integer is the result's → `y [...]`. Summed in this order, as ONNX Runtime does, so
/// that numbers close to a half round alike. Not an operator of ONNX: `QLinearAdd` stands for it and more.
struct QuantizedSum: Operator {
  static let type = "QuantizedSum"
  static let requiredInputs = 6

  init(_ node: NodeReader) {}

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  private struct Terms {
    let left: Float
    let right: Float
    let offset: Float
    let range: ClosedRange<Float>

    init(_ inputs: [ValueDescription]) throws {
      let numbers = inputs[2...].compactMap { $0.constant?.asFloats }
      guard numbers.count == 4, numbers.allSatisfy({ $0.count == 1 }) else {
        throw ShapeMismatch("scales and zero points must be constants of one number")
      }
      guard let type = inputs[5].constant?.elementType, let range = type.integerRange else {
        throw ShapeMismatch("the zero point is not an integer of 8 or 16 bits")
      }
      (left, right, offset) = (numbers[0][0], numbers[1][0], numbers[2][0])
      self.range = range
    }

    @inline(__always)
    func sum(_ a: Float, _ b: Float) -> Float { (left * a + offset + right * b).nearestStep }
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    _ = try Terms(inputs)
    guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else {
      throw ShapeMismatch("\(inputs[0].shape) and \(inputs[1].shape) do not broadcast")
    }
    return [shape]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let terms = try Terms(context.inputs)
    let (low, high) = (terms.range.lowerBound, terms.range.upperBound)
    let loop = BroadcastLoop(context)
    return FunctionKernel { buffers in
      let (a, b, y) = (buffers.input(0), buffers.input(1), buffers.output)
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, j, k in
          y[k] = min(max(terms.sum(a[i], b[j]), low), high)
        }
      }
    }
  }
}

extension QuantizedSum: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    elementwiseFields(for: Array(inputs.prefix(2))).map {
      $0 + inputs.dropFirst(2).map { _ in nil }
    }
  }
}

// The gradient passes straight through the rounding, 0 where clamped.
extension QuantizedSum: QuantizingOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let terms = try Terms(context.inputs)
    let loop = BroadcastLoop(context)
    let counts = context.inputs.map(\.shape.count)
    return FunctionKernel { buffers in
      let (a, b, yGradient) = (buffers.input(0), buffers.input(1), buffers.gradient)
      let targets = (buffers.inputGradients[0], buffers.inputGradients[1])
      targets.0?.update(repeating: 0, count: counts[0])
      targets.1?.update(repeating: 0, count: counts[1])
      loop.forEachRow { i, j, k in
        loop.forEachColumn(i, j, k) { i, j, k in
          guard terms.range.contains(terms.sum(a[i], b[j])) else { return }
          targets.0?[i] += yGradient[k] * terms.left
          targets.1?[j] += yGradient[k] * terms.right
        }
      }
    }
  }
}

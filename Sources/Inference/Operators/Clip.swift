import Tensors

/// `y = min(max(x, low), high)`, element by element.
///
/// Shapes: `x [...] → y [...]`, bounds are scalars. ONNX `Clip`, opsets 11–13: bounds are constant
/// inputs, or attributes as before opset 11.
struct Clip: Operator {
  static let type = "Clip"

  private let attributeLow: Float
  private let attributeHigh: Float
  private let lowInput: Int?
  private let highInput: Int?

  init(_ node: NodeReader) throws {
    attributeLow = try node.float("min", default: -.greatestFiniteMagnitude)
    attributeHigh = try node.float("max", default: .greatestFiniteMagnitude)
    lowInput = node.hasInput(1) ? 1 : nil
    highInput = node.hasInput(2) ? 2 : nil
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  /// The bounds, once the constant inputs are known.
  func bounds(_ inputs: [ValueDescription]) throws -> (low: Float, high: Float) {
    func bound(_ index: Int?, _ fallback: Float) throws -> Float {
      guard let index else { return fallback }
      guard let constant = inputs[index].constant?.asFloats, constant.count == 1 else {
        throw ShapeMismatch("bounds must be constant numbers")
      }
      return constant[0]
    }
    return (try bound(lowInput, attributeLow), try bound(highInput, attributeHigh))
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    _ = try bounds(inputs)
    return [inputs[0].shape]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let (low, high) = try bounds(context.inputs)
    let count = context.output.shape.count
    return FunctionKernel { buffers in
      let x = buffers.input(0)
      for i in 0..<count { buffers.output[i] = min(max(x[i], low), high) }
    }
  }
}

extension Clip: FoldableOperator {
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let x = inputs[0], case .int64(let values) = x.elements else { return nil }
    func bound(_ index: Int?, _ fallback: Int64) throws -> Int64 {
      guard let index else { return fallback }
      guard case .int64(let numbers)? = inputs[index]?.elements, numbers.count == 1 else {
        throw ShapeMismatch("the bounds of integers must be constant integers")
      }
      return numbers[0]
    }
    let (low, high) = (try bound(lowInput, .min), try bound(highInput, .max))
    return [
      Tensor(x.shape, .int64(values.map { min(max($0, low), high) }), type: x.elementType)
    ]
  }
}

extension Clip: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    pointwiseField(for: inputs)
  }
}

// At a bound the derivative is 0, as it is for Relu at 0.
extension Clip: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let (low, high) = try bounds(context.inputs)
    let count = context.output.shape.count
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let x = buffers.input(0)
      for i in 0..<count {
        xGradient[i] = x[i] > low && x[i] < high ? buffers.gradient[i] : 0
      }
    }
  }
}

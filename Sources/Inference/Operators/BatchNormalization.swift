import Tensors

/// `y[n, c] = scale[c] · (x[n, c] − mean[c]) / √(variance[c] + ε) + bias[c]`, as at inference.
///
/// Shapes: `x [n, c, ...] → y [n, c, ...]`, the rest `[c]`, all constant. ONNX `BatchNormalization`,
/// opsets 9–15. After a convolution the compiler folds it into the weights.
struct BatchNormalization: Operator {
  static let type = "BatchNormalization"
  static let requiredInputs = 5

  private let epsilon: Float

  init(_ node: NodeReader) throws {
    epsilon = try node.float("epsilon", default: 1e-5)
    guard try node.int("training_mode", default: 0) == 0 else {
      throw node.failure("training mode; export the model after model.eval()")
    }
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    guard x.rank >= 2, inputs.count == 5 else {
      throw ShapeMismatch("input \(x) needs a channel axis and four parameters")
    }
    for parameter in inputs.dropFirst() {
      guard parameter.constant?.floats?.count == x[1] else {
        throw ShapeMismatch("parameters must be \(x[1]) constants")
      }
    }
    return [x]
  }

  /// The same as `y = factor[c] · x + offset[c]`.
  ///
  /// `parameters`: scale, bias, mean and variance.
  func affine(_ parameters: [[Float]]) -> (factor: [Float], offset: [Float]) {
    let factor = zip(parameters[0], parameters[3]).map { $0 / ($1 + epsilon).squareRoot() }
    let offset = factor.indices.map { parameters[1][$0] - parameters[2][$0] * factor[$0] }
    return (factor, offset)
  }

  private func affine(_ context: KernelContext) -> (factor: [Float], offset: [Float]) {
    affine(context.inputs.dropFirst().map { $0.constant?.floats ?? [] })
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let (factor, offset) = affine(context)
    let channels = ChannelLoop(context.input)
    return FunctionKernel { buffers in
      let x = buffers.input(0)
      channels.forEachElement { i, c in buffers.output[i] = factor[c] * x[i] + offset[c] }
    }
  }
}

extension BatchNormalization: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    pointwiseField(for: inputs)
  }
}

extension BatchNormalization: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let (factor, _) = affine(context)
    let channels = ChannelLoop(context.input)
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      channels.forEachElement { i, c in xGradient[i] = factor[c] * buffers.gradient[i] }
    }
  }
}

/// Walks a value together with its channel index.
private struct ChannelLoop {
  private let outer: Int
  private let channels: Int
  private let inner: Int

  init(_ value: ValueDescription) {
    let shape = value.storedShape
    let axis = value.layout == .channelsLast ? shape.rank - 1 : 1
    outer = shape.dimensions[..<axis].reduce(1, *)
    channels = shape[axis]
    inner = shape.dimensions[(axis + 1)...].reduce(1, *)
  }

  @inline(__always)
  func forEachElement(_ body: (Int, Int) -> Void) {
    var offset = 0
    for _ in 0..<outer {
      for c in 0..<channels {
        for i in offset..<offset + inner { body(i, c) }
        offset += inner
      }
    }
  }
}

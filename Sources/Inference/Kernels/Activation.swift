import COneDNN
import Tensors

/// A function of one number that oneDNN computes with vector instructions, by itself or while it
/// writes a convolution's or a product's result.
enum Activation: Equatable, Sendable {
  case relu
  case clip(Float, Float)
  case leakyRelu(Float)
  case elu(Float)
  case sigmoid
  case tanh
  /// `x · sigmoid(α x)`
  case swish(Float)
  case hardSwish
  case mish
  case gelu
  case geluByTanh
  case exponential
  /// `α x + β`
  case linear(Float, Float)

  /// oneDNN's name of the function and its parameters.
  var function: (algorithm: dnnl_alg_kind_t, alpha: Float, beta: Float) {
    switch self {
    case .relu: (dnnl_eltwise_relu, 0, 0)
    case .clip(let low, let high): (dnnl_eltwise_clip, low, high)
    case .leakyRelu(let slope): (dnnl_eltwise_relu, slope, 0)
    case .elu(let alpha): (dnnl_eltwise_elu, alpha, 0)
    case .sigmoid: (dnnl_eltwise_logistic, 0, 0)
    case .tanh: (dnnl_eltwise_tanh, 0, 0)
    case .swish(let alpha): (dnnl_eltwise_swish, alpha, 0)
    case .hardSwish: (dnnl_eltwise_hardswish, 0, 0)
    case .mish: (dnnl_eltwise_mish, 0, 0)
    case .gelu: (dnnl_eltwise_gelu_erf, 0, 0)
    case .geluByTanh: (dnnl_eltwise_gelu_tanh, 0, 0)
    case .exponential: (dnnl_eltwise_exp, 0, 0)
    case .linear(let alpha, let beta): (dnnl_eltwise_linear, alpha, beta)
    }
  }

  /// Whether the derivative follows from the function's value alone.
  var derivativeFollowsFromOutput: Bool {
    switch self {
    case .relu, .clip: true
    default: false
    }
  }

  /// Multiplies `gradient` by the derivative, told from the function's value.
  ///
  /// At a kink the derivative is 0, as PyTorch has it for Relu.
  func multiplyByDerivative(
    _ gradient: UnsafeMutablePointer<Float>, output: UnsafePointer<Float>, count: Int
  ) {
    // Read before the choice, so that the loops have no branch and vectorise.
    switch self {
    case .relu:
      for i in 0..<count {
        let (g, y) = (gradient[i], output[i])
        gradient[i] = y > 0 ? g : 0
      }
    case .clip(let low, let high):
      for i in 0..<count {
        let (g, y) = (gradient[i], output[i])
        gradient[i] = (y > low ? g : 0) * (y < high ? 1 : 0)
      }
    default: preconditionFailure("the derivative of \(self) needs the input")
    }
  }

  /// `y = f(x)` for `count` elements.
  func forward(
    count: Int, from source: PrimitiveKernel.Place = .input(0),
    to result: PrimitiveKernel.Place = .output()
  ) throws -> any Kernel {
    let description = try forwardDescription(count)
    let elements = try OneDNN.memory([count])
    return try PrimitiveKernel(
      description, [(DNNL_ARG_SRC_0, elements, source), (DNNL_ARG_DST_0, elements, result)])
  }

  /// `∂x = f′(x) · ∂y` for `count` elements.
  func gradient(
    count: Int, at source: PrimitiveKernel.Place = .input(0),
    from resultGradient: PrimitiveKernel.Place = .outputGradient(),
    to sourceGradient: PrimitiveKernel.Place = .inputGradient(0)
  ) throws -> any Kernel {
    var operation = dnnl_eltwise_desc_t()
    var elements = try OneDNN.memory([count])
    let (algorithm, alpha, beta) = function
    try OneDNN.check(
      dnnl_eltwise_backward_desc_init(&operation, algorithm, &elements, &elements, alpha, beta),
      "the gradient of \(self)")
    let description = try PrimitiveDescription(
      &operation, attributes: PrimitiveAttributes(), hint: forwardDescription(count))
    return try PrimitiveKernel(
      description,
      [
        (DNNL_ARG_SRC_0, elements, source), (DNNL_ARG_DIFF_DST_0, elements, resultGradient),
        (DNNL_ARG_DIFF_SRC_0, elements, sourceGradient),
      ])
  }

  /// Turns the gradient by the function's value, in place, into that by its argument, which the
  /// workspace holds where it is needed: nothing reads the former afterwards.
  func undoing(count: Int) throws -> any Kernel {
    guard derivativeFollowsFromOutput else {
      return try gradient(count: count, at: .workspace(), to: .outputGradient())
    }
    return FunctionKernel { buffers in
      self.multiplyByDerivative(buffers.gradient, output: buffers.output, count: count)
    }
  }

  private func forwardDescription(_ count: Int) throws -> PrimitiveDescription {
    var operation = dnnl_eltwise_desc_t()
    var elements = try OneDNN.memory([count])
    let (algorithm, alpha, beta) = function
    try OneDNN.check(
      dnnl_eltwise_forward_desc_init(
        &operation, dnnl_forward_training, algorithm, &elements, alpha, beta), "\(self)")
    return try PrimitiveDescription(&operation, attributes: PrimitiveAttributes())
  }
}

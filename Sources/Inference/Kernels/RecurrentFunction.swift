import Foundation
import ONNX

/// An activation function of a recurrent cell, by ONNX's name.
struct RecurrentFunction: Sendable {
  private enum Kind: String {
    case sigmoid, tanh, relu, affine, leakyrelu, thresholdedrelu, scaledtanh, hardsigmoid, elu
    case softsign, softplus

    /// What `alpha` and `beta` are when the node does not say; nil where there is none.
    var parameters: (alpha: Float?, beta: Float?) {
      switch self {
      case .sigmoid, .tanh, .relu, .softsign, .softplus: (nil, nil)
      case .affine, .scaledtanh: (1, 0)
      case .leakyrelu: (0.01, nil)
      case .thresholdedrelu, .elu: (1, nil)
      case .hardsigmoid: (0.2, 0.5)
      }
    }
  }

  private let kind: Kind
  private let alpha: Float
  private let beta: Float

  /// The functions of one node, in its order.
  ///
  /// `fallback`: those of one direction when the node names none.
  ///
  /// Throws `InferenceError.attribute` when one is not known, or there are too few.
  static func read(
    _ node: NodeReader, fallback: [String], directions: Int
  ) throws -> [[RecurrentFunction]] {
    let names =
      try node.strings("activations")
      ?? Array(repeating: fallback, count: directions).flatMap { $0 }
    guard names.count == fallback.count * directions else {
      throw node.failure("it has \(names.count) activations, not \(fallback.count * directions)")
    }
    // Parameters are listed for the functions that have some, in order.
    var alphas = try node.floats("activation_alpha") ?? []
    var betas = try node.floats("activation_beta") ?? []
    func next(_ list: inout [Float], _ fallback: Float?) -> Float {
      guard let fallback else { return 0 }
      return list.isEmpty ? fallback : list.removeFirst()
    }
    let functions = try names.map { name in
      guard let kind = Kind(rawValue: name.lowercased()) else {
        throw node.failure("activation '\(name)' is not supported")
      }
      let (alpha, beta) = kind.parameters
      return RecurrentFunction(
        kind: kind, alpha: next(&alphas, alpha), beta: next(&betas, beta))
    }
    return (0..<directions).map {
      Array(functions[$0 * fallback.count..<($0 + 1) * fallback.count])
    }
  }

  /// The same function by vector instructions, when there is one.
  var activation: Activation? {
    switch kind {
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .relu: .relu
    default: nil
    }
  }

  func value(_ x: Float) -> Float {
    switch kind {
    case .sigmoid: 1 / (1 + expf(-x))
    case .tanh: tanhf(x)
    case .relu: max(x, 0)
    case .affine: alpha * x + beta
    case .leakyrelu: x < 0 ? alpha * x : x
    case .thresholdedrelu: x > alpha ? x : 0
    case .scaledtanh: alpha * tanhf(beta * x)
    case .hardsigmoid: min(max(alpha * x + beta, 0), 1)
    case .elu: x < 0 ? alpha * expm1f(x) : x
    case .softsign: x / (1 + x.magnitude)
    case .softplus: max(x, 0) + log1pf(expf(-x.magnitude))
    }
  }

  /// The derivative at `x`, where `y` is the value.
  @inline(__always)
  func derivative(_ x: Float, _ y: Float) -> Float {
    switch kind {
    case .sigmoid: return y * (1 - y)
    case .tanh: return 1 - y * y
    case .relu: return x > 0 ? 1 : 0
    case .affine: return alpha
    case .leakyrelu: return x < 0 ? alpha : 1
    case .thresholdedrelu: return x > alpha ? 1 : 0
    case .scaledtanh:
      let t = tanhf(beta * x)
      return alpha * beta * (1 - t * t)
    case .hardsigmoid: return y > 0 && y < 1 ? alpha : 0
    case .elu: return x < 0 ? y + alpha : 1
    case .softsign:
      let d = 1 + x.magnitude
      return 1 / (d * d)
    case .softplus: return 1 / (1 + expf(-x))
    }
  }
}

/// A recurrent cell's function on blocks of one size.
final class RecurrentBlockFunction {
  let function: RecurrentFunction
  private let count: Int
  private let kernel: (any Kernel)?

  init(_ function: RecurrentFunction, count: Int) throws {
    self.function = function
    self.count = count
    kernel = try function.activation?.forward(count: count)
  }

  var scratchBytes: Int { kernel?.scratchBytes ?? 0 }

  /// Computes `y = f(x)`.
  func run(
    _ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutableRawPointer
  ) {
    guard let kernel else {
      for i in 0..<count { y[i] = function.value(x[i]) }
      return
    }
    kernel.run(
      Buffers(
        inputs: [x], outputs: [y], scratch: scratch, workspace: scratch, outputGradients: [],
        inputGradients: []))
  }

  /// Multiplies gradients by `f(x)` in place into those by `x`; where `x` was clipped they are 0.
  func multiplyByDerivative(
    _ gradient: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    clip: Float
  ) {
    switch function.activation {
    case .sigmoid where clip == 0: for i in 0..<count { gradient[i] *= y[i] * (1 - y[i]) }
    case .tanh where clip == 0: for i in 0..<count { gradient[i] *= 1 - y[i] * y[i] }
    default:
      for i in 0..<count {
        let isClipped = clip > 0 && x[i].magnitude >= clip
        gradient[i] *= isClipped ? 0 : function.derivative(x[i], y[i])
      }
    }
  }
}

/// An activation that oneDNN can apply while it writes a convolution's result.
enum Activation: Equatable, Sendable {
  case relu
  case clip(Float, Float)

  /// Multiplies `gradient` by the activation's derivative, told from its output.
  ///
  /// At a kink the derivative is 0, as PyTorch has it for Relu.
  func multiplyByDerivative(
    _ gradient: UnsafeMutablePointer<Float>, output: UnsafePointer<Float>, count: Int
  ) {
    switch self {
    case .relu:
      for i in 0..<count { gradient[i] = output[i] > 0 ? gradient[i] : 0 }
    case .clip(let low, let high):
      for i in 0..<count {
        gradient[i] = output[i] > low && output[i] < high ? gradient[i] : 0
      }
    }
  }
}

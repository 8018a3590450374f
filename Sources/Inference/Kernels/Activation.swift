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
    }
  }
}

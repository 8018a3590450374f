/// How a network's input follows from pixels in 0...1: (pixel − mean) ÷ std, channel by channel.
///
/// Radii, noise, gradients and patches live in pixels.
package struct PixelScale: Equatable, Sendable {
  /// By channel.
  package let mean: [Double]
  package let std: [Double]

  package init(mean: [Double], std: [Double]) {
    precondition(mean.count == std.count && !std.contains(0), "mean \(mean), std \(std)")
    self.mean = mean
    self.std = std
  }

  /// The network's input.
  ///
  /// `pixels`: `[h, w, c]`, in 0...1.
  package func input(_ pixels: [Double]) -> [Float] {
    pixels.indices.map { index in
      let c = index % mean.count
      return Float((pixels[index] - mean[c]) / std[c])
    }
  }

  /// Pixels that an input was made of.
  ///
  /// `input`: `[h, w, c]`.
  package func pixels(_ input: some Collection<Float>) -> [Double] {
    input.enumerated().map { index, value in
      let c = index % mean.count
      return Double(value) * std[c] + mean[c]
    }
  }

  /// The gradient by pixels.
  ///
  /// `gradient`: by the input, `[h, w, c]`.
  package func gradient(_ gradient: some Collection<Float>) -> [Double] {
    gradient.enumerated().map { index, value in Double(value) / std[index % std.count] }
  }
}

import Tensors

/// The mean and the covariance of ψ over images of a class as they are met in use.
///
/// A repair tells by them how much of a direction an image has *beyond* what such images have: components of
/// images that mostly show a spurious feature have their mean where it is present, so that it would not count.
package struct OrdinaryVariation: Sendable {
  /// Of ψ, `[d]`.
  package let mean: [Double]
  /// `[d, d]`, with a hundredth of its mean variance added to each variance, for fewer images than features.
  private let covariance: [Double]

  /// The part of the mean variance that is added.
  private static let shrinkage = 0.01

  /// `weights`: of the class, `[d]`.
  ///
  /// `moments`: of φ over at least two images.
  package init(weights: [Double], moments: FeatureMoments) {
    mean = zip(weights, moments.mean).map { $0 * $1 }
    var covariance = moments.covariance
    let d = weights.count
    for row in 0..<d {
      for column in 0..<d { covariance[row * d + column] *= weights[row] * weights[column] }
    }
    let trace = (0..<d).reduce(0) { $0 + covariance[$1 * d + $1] }
    for row in 0..<d {
      covariance[row * d + row] += OrdinaryVariation.shrinkage * trace / Double(d)
    }
    self.covariance = covariance
  }

  /// Filters that measure directions where ψ varies as this: C⁻¹ d of each, `[directions, d]`.
  ///
  /// `directions`: `[directions, d]`.
  ///
  /// Throws `LinearAlgebraError.singular` where ψ does not vary at all.
  package func filters(of directions: [Double]) throws -> [Double] {
    try BLAS.solve(covariance, directions)
  }
}

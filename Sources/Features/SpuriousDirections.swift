import Inference
import Tensors

/// The directions along which components of one model move the features of another, or of itself, told
/// images a batch at a time.
///
/// d = s / |s| with s = Σ α · (ψ − mean) over the class's images, α being the component's in the model it
/// was labelled in, ψ and its mean those of the model to be repaired. Within one model d is the
/// component's eigenvector.
///
/// *SpuFix* in Neuhaus et al., "Spurious Features Everywhere" (2023), section 6.
package struct SpuriousDirections: Sendable {
  package let classIndex: Int
  private let weights: [Double]
  private let mean: [Double]
  /// `[components, d]`.
  private var sums: [Double]

  /// `weights`: of the class, `[d]`.
  ///
  /// `mean`: of ψ over the class's images, `[d]`.
  package init(classIndex: Int, weights: [Double], mean: [Double], components: Int) {
    precondition(weights.count == mean.count, "\(weights.count) weights, \(mean.count) means")
    self.classIndex = classIndex
    self.weights = weights
    self.mean = mean
    sums = [Double](repeating: 0, count: components * mean.count)
  }

  /// `features`: φ of the model to be repaired, `[n, d]`.
  ///
  /// `alphas`: of the labelled components on the same images, `[n, components]`.
  package mutating func add(_ features: [Float], alphas: [Double]) {
    let d = mean.count
    let components = sums.count / d
    precondition(features.count / d * components == alphas.count, "\(alphas.count) alphas")
    for row in 0..<features.count / d {
      for j in 0..<d {
        let difference = weights[j] * Double(features[row * d + j]) - mean[j]
        for l in 0..<components { sums[l * d + j] += alphas[row * components + l] * difference }
      }
    }
  }

  /// The repair that takes them away.
  ///
  /// Throws `FeatureError.dependentDirections`.
  package func repair() throws -> LogitRepair {
    let d = mean.count
    var directions = sums
    for l in 0..<sums.count / d {
      let row = l * d..<(l + 1) * d
      let length = sums[row].reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0 else { throw FeatureError.dependentDirections(classIndex: classIndex) }
      for index in row { directions[index] /= length }
    }
    return try LogitRepair(
      classIndex: classIndex, weights: weights, mean: mean, directions: directions)
  }
}

/// What is subtracted from one class's logit: Σ max(β, 0), where β = c · Σ d is what each direction d adds to
/// it and c solves (F Dᵀ) c = F (ψ − mean).
///
/// The filters F that measure directions are the directions themselves, as published, or weighted by how ψ
/// varies anyway (`OrdinaryVariation`): the least-squares estimate of c under that covariance. For eigenvectors of
/// the covariance both are the same.
///
/// β is linear in the features: `slopes · φ + offsets`.
package struct LogitRepair: Equatable, Sendable {
  package let classIndex: Int
  /// `[directions, d]`.
  package let directions: [Double]
  /// `[directions, d]`.
  package let slopes: [Double]
  /// `[directions]`.
  package let offsets: [Double]

  /// `filters`: `[directions, d]`; nil for the directions themselves.
  ///
  /// Throws `FeatureError.dependentDirections`.
  package init(
    classIndex: Int, weights: [Double], mean: [Double], directions: [Double],
    filters: [Double]? = nil
  ) throws {
    let d = mean.count
    let count = directions.count / d
    let filters = filters ?? directions
    self.classIndex = classIndex
    self.directions = directions
    let gram = BLAS.product(filters, transposed: directions, inner: d)
    var slopes: [Double] = []
    var offsets: [Double] = []
    for l in 0..<count {
      var unit = [Double](repeating: 0, count: count)
      unit[l] = directions[l * d..<(l + 1) * d].reduce(0, +)
      // The Gram matrix is symmetric: a row of its inverse is what it solves a unit vector to.
      guard let row = try? BLAS.solve(gram, unit) else {
        throw FeatureError.dependentDirections(classIndex: classIndex)
      }
      let along = (0..<d).map { j in (0..<count).reduce(0) { $0 + row[$1] * filters[$1 * d + j] } }
      slopes += zip(along, weights).map { $0 * $1 }
      offsets.append(-zip(along, mean).reduce(0) { $0 + $1.0 * $1.1 })
    }
    self.slopes = slopes
    self.offsets = offsets
  }

  /// β of each direction for one image.
  ///
  /// `features`: φ, `[d]`.
  package func betas(_ features: some Collection<Float>) -> [Double] {
    let d = features.count
    return offsets.indices.map { l in
      zip(slopes[l * d..<(l + 1) * d], features).reduce(offsets[l]) { $0 + $1.0 * Double($1.1) }
    }
  }

  /// What the repair takes from the class's logit, never below 0.
  package func reduction(_ features: some Collection<Float>) -> Double {
    betas(features).reduce(0) { $0 + max($1, 0) }
  }
}

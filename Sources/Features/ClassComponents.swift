import Inference
import Tensors

/// The components that the images of one class vary along, in what each feature adds to its logit.
///
/// ψ = w ⊙ φ of the class's images has a mean and a covariance; its eigenvectors v are the components, and
/// α = ⟨v, ψ − mean⟩ · Σ v is what one of them adds to the logit: over all of them it sums to the logit
/// less the bias and the sum of the mean, for any image.
///
/// *Class-wise neural PCA* in Neuhaus et al., "Spurious Features Everywhere" (2023), section 3.
package struct ClassComponents: Equatable, Sendable {
  package let classIndex: Int
  /// Images that they were found in.
  package let imageCount: Int
  /// The class's weights, `[d]`.
  package let weights: [Double]
  /// Of ψ, `[d]`.
  package let mean: [Double]
  /// Of ψ's covariance, with its eigenvectors; component *l* is the *l*-th.
  package let system: SymmetricEigensystem
  /// Of each eigenvector's entries, none below 0.
  package let vectorSums: [Double]

  /// `moments`: of φ over the images whose label is the class.
  ///
  /// Throws `FeatureError.tooFewImages` and `LinearAlgebraError`.
  package init(classIndex: Int, head: LinearHead, moments: FeatureMoments) throws {
    guard moments.count > 1 else {
      throw FeatureError.tooFewImages(classIndex: classIndex, found: moments.count)
    }
    self.classIndex = classIndex
    imageCount = moments.count
    let w = head.weights(of: classIndex).map { Double($0) }
    weights = w
    mean = zip(w, moments.mean).map { $0 * $1 }
    var covariance = moments.covariance
    let d = w.count
    for row in 0..<d {
      for column in 0..<d { covariance[row * d + column] *= w[row] * w[column] }
    }
    system = try SymmetricEigensystem(of: covariance, size: d)
    let vectors = system
    vectorSums = (0..<d).map { vectors.vector($0).reduce(0, +) }
  }

  /// *d*, which is also how many components there are.
  package var count: Int { mean.count }

  /// α of every component, `[n, d]`.
  ///
  /// `features`: φ, `[n, d]`.
  package func alphas(_ features: [Float]) -> [Double] {
    var centred = [Double](repeating: 0, count: features.count)
    for index in features.indices {
      let j = index % count
      centred[index] = weights[j] * Double(features[index]) - mean[j]
    }
    var result = BLAS.product(centred, transposed: system.vectors, inner: count)
    for index in result.indices { result[index] *= vectorSums[index % count] }
    return result
  }

  /// By how much a unit of each feature changes α of a component, `[d]`.
  package func direction(of component: Int) -> [Double] {
    ClassComponents.direction(vector: system.vector(component), weights: weights)
  }

  /// The same of a component known by its unit vector.
  package static func direction(vector: ArraySlice<Double>, weights: [Double]) -> [Double] {
    let sum = vector.reduce(0, +)
    return zip(vector, weights).map { $0 * $1 * sum }
  }

  /// What a component adds to the logit at each position of a map, whose mean is α plus a constant.
  ///
  /// `map`: `[d, positions]`.
  ///
  /// Returns `[positions]`.
  package func heatmap(of component: Int, map: some Collection<Float>) -> [Double] {
    ClassComponents.heatmap(of: direction(of: component), map: map)
  }

  /// The same along a direction, `[d]`.
  package static func heatmap(of direction: [Double], map: some Collection<Float>) -> [Double] {
    let positions = map.count / direction.count
    var result = [Double](repeating: 0, count: positions)
    for (index, value) in map.enumerated() {
      result[index % positions] += direction[index / positions] * Double(value)
    }
    return result
  }
}

/// How much each component of a class decides, over images told a batch at a time.
package struct ComponentShares: Equatable, Sendable {
  package private(set) var count = 0
  private var magnitudes: [Double]
  private var leads: [Int]

  package init(components: Int) {
    magnitudes = [Double](repeating: 0, count: components)
    leads = [Int](repeating: 0, count: components)
  }

  /// `alphas`: `[n, d]`.
  package mutating func add(_ alphas: [Double]) {
    let d = magnitudes.count
    for row in 0..<alphas.count / d {
      let own = alphas[row * d..<(row + 1) * d]
      for (l, alpha) in own.enumerated() { magnitudes[l] += abs(alpha) }
      leads[(own.indices.max { own[$0] < own[$1] } ?? row * d) - row * d] += 1
    }
    count += alphas.count / d
  }

  /// The mean of |α|, `[d]`.
  package var meanMagnitudes: [Double] { magnitudes.map { $0 / Double(max(count, 1)) } }

  /// Of the images, the share in which each component's α is the largest, `[d]`.
  package var leading: [Double] { leads.map { Double($0) / Double(max(count, 1)) } }

  /// Each component's part of the mean of |α| over all, `[d]`.
  package var shares: [Double] {
    let sum = magnitudes.reduce(0, +)
    return magnitudes.map { sum > 0 ? $0 / sum : 0 }
  }

  /// Components by share, largest first; of equals the lower index.
  package var ranking: [Int] {
    magnitudes.indices.sorted { (magnitudes[$1], $0) < (magnitudes[$0], $1) }
  }
}

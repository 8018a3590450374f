import Tensors

/// The mean and the covariance of features, told them a batch at a time.
///
/// Memory: O(*d*²), whatever the number of images.
package struct FeatureMoments: Sendable {
  /// *d*.
  package let dimension: Int
  package private(set) var count = 0
  /// The first image's features: sums are of differences from it, so that none cancel.
  private var origin: [Double] = []
  private var sum: [Double]
  /// Entries with row ≤ column.
  private var products: [Double]

  package init(dimension: Int) {
    self.dimension = dimension
    sum = [Double](repeating: 0, count: dimension)
    products = [Double](repeating: 0, count: dimension * dimension)
  }

  /// `features`: `[n, d]`.
  package mutating func add(_ features: [Float]) {
    precondition(features.count % dimension == 0, "\(features.count) numbers by \(dimension)")
    guard !features.isEmpty else { return }
    if origin.isEmpty { origin = features.prefix(dimension).map { Double($0) } }
    var differences = [Double](repeating: 0, count: features.count)
    for index in features.indices {
      differences[index] = Double(features[index]) - origin[index % dimension]
      sum[index % dimension] += differences[index]
    }
    BLAS.addProducts(of: differences, columns: dimension, to: &products)
    count += features.count / dimension
  }

  /// `[d]`; zeros without an image.
  package var mean: [Double] {
    guard count > 0 else { return sum }
    return zip(origin, sum).map { $0 + $1 / Double(count) }
  }

  /// `[d, d]`, divided by *n* − 1; of at least two images.
  package var covariance: [Double] {
    precondition(count > 1, "\(count) images")
    var result = products
    for row in 0..<dimension {
      for column in row..<dimension {
        let entry =
          (products[row * dimension + column] - sum[row] * sum[column] / Double(count))
          / Double(count - 1)
        result[row * dimension + column] = entry
        result[column * dimension + row] = entry
      }
    }
    return result
  }
}

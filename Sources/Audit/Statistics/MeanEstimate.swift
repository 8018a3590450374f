/// What an observation stands for in a stratified sample.
struct SampleUnit: Equatable {
  let weight: Double
  let stratum: Int

  static let simple = SampleUnit(weight: 1, stratum: 0)
}

/// A mean with its 95% confidence interval.
///
/// Unweighted: Student's *t* on *n* − 1 degrees of freedom. Weighted by strata: the ratio estimator
/// with its linearised variance, *t* on *n* minus the number of strata. With one stratum both are the
/// same.
package struct MeanEstimate: Codable, Equatable, Sendable {
  package let n: Int
  package let mean: Double
  /// Of the observations, weighted; nil for a single one.
  @OrNull package var std: Double?
  /// Bounds of the 95% interval; nil for a single observation.
  @OrNull package var low: Double?
  @OrNull package var high: Double?

  /// - Returns: Nil without observations.
  init?(_ values: [(Double, SampleUnit)]) {
    let values = values.filter { $0.1.weight > 0 }
    guard !values.isEmpty else { return nil }
    let total = values.reduce(0) { $0 + $1.1.weight }
    let mean = values.reduce(0) { $0 + $1.0 * $1.1.weight } / total
    self.mean = mean
    n = values.count
    std = nil
    low = nil
    high = nil
    guard n > 1 else { return }
    let spread = values.reduce(0) { $0 + $1.1.weight * ($1.0 - mean) * ($1.0 - mean) } / total
    std = (spread * Double(n) / Double(n - 1)).squareRoot()
    var variance = 0.0
    let strata = Dictionary(grouping: values, by: \.1.stratum)
    for (_, members) in strata.sorted(by: { $0.key < $1.key }) {
      let deviations = members.map { $0.1.weight * ($0.0 - mean) / total }
      let count = Double(members.count)
      let center = strata.count > 1 ? deviations.reduce(0, +) / count : 0
      let sum = deviations.reduce(0) { $0 + ($1 - center) * ($1 - center) }
      // A stratum with one observation contributes its whole deviation, which is conservative.
      variance +=
        members.count > 1
        ? sum * count / (count - 1) : deviations[0] * deviations[0]
    }
    let freedom = Double(max(1, n - strata.count))
    let half = StudentT.quantile(0.975, degreesOfFreedom: freedom) * variance.squareRoot()
    low = mean - half
    high = mean + half
  }

  /// - Returns: Nil without observations.
  package init?(_ values: [Double]) {
    self.init(values.map { ($0, .simple) })
  }

  /// Half the width of the interval.
  package var halfWidth: Double? { high.map { $0 - mean } }
}

/// The difference between two means with Welch's 95% interval.
package struct MeanDifference: Codable, Equatable, Sendable {
  package let difference: Double
  package let low: Double
  package let high: Double

  /// - Returns: Nil unless both groups have two observations.
  package init?(_ first: [Double], minus second: [Double]) {
    guard first.count > 1, second.count > 1 else { return nil }
    func summary(_ values: [Double]) -> (mean: Double, error: Double, freedom: Double) {
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
      return (mean, variance / n, n - 1)
    }
    let a = summary(first)
    let b = summary(second)
    difference = a.mean - b.mean
    let error = a.error + b.error
    // Welch–Satterthwaite.
    let freedom =
      error == 0
      ? a.freedom + b.freedom
      : error * error / (a.error * a.error / a.freedom + b.error * b.error / b.freedom)
    let half = StudentT.quantile(0.975, degreesOfFreedom: freedom) * error.squareRoot()
    low = difference - half
    high = difference + half
  }
}

/// What an observation stands for in a stratified sample.
package struct SampleUnit: Equatable {
  let weight: Double
  let stratum: Int

  package init(weight: Double, stratum: Int) {
    self.weight = weight
    self.stratum = stratum
  }

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
  /// Bounds of the 95% interval; nil for a single observation, or when all agree.
  @OrNull package var low: Double?
  @OrNull package var high: Double?

  /// - Returns: Nil without observations.
  package init?(_ values: [(Double, SampleUnit)]) {
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
    let (variance, freedom) = MeanEstimate.variance(values, mean: mean)
    // Observations that all agree, in each stratum, say nothing about their spread; what rounding leaves
    // of it is none.
    guard variance > 1e-24 * (1 + mean * mean) else { return }
    let half = StudentT.quantile(0.975, degreesOfFreedom: freedom) * variance.squareRoot()
    low = mean - half
    high = mean + half
  }

  /// The variance of a weighted mean, linearised, and its degrees of freedom.
  static func variance(
    _ values: [(Double, SampleUnit)], mean: Double
  ) -> (variance: Double, degreesOfFreedom: Double) {
    let total = values.reduce(0) { $0 + $1.1.weight }
    var variance = 0.0
    let strata = Dictionary(grouping: values, by: \.1.stratum)
    for (_, members) in strata.sorted(by: { $0.key < $1.key }) {
      let deviations = members.map { $0.1.weight * ($0.0 - mean) / total }
      let count = Double(members.count)
      let center = strata.count > 1 ? deviations.reduce(0, +) / count : 0
      let sum = deviations.reduce(0) { $0 + ($1 - center) * ($1 - center) }
      // A stratum with one observation contributes its whole deviation, which is conservative.
      variance += members.count > 1 ? sum * count / (count - 1) : deviations[0] * deviations[0]
    }
    return (variance, Double(max(1, values.count - strata.count)))
  }

  /// - Returns: Nil without observations.
  package init?(_ values: [Double]) {
    self.init(values.map { ($0, .simple) })
  }

  /// The estimate of a multiple.
  package func scaled(by factor: Double) -> MeanEstimate {
    MeanEstimate(
      n: n, mean: mean * factor, std: std.map { $0 * abs(factor) },
      low: (factor < 0 ? high : low).map { $0 * factor },
      high: (factor < 0 ? low : high).map { $0 * factor })
  }

  /// The estimate of the same with a constant added.
  package func shifted(by amount: Double) -> MeanEstimate {
    MeanEstimate(
      n: n, mean: mean + amount, std: std, low: low.map { $0 + amount },
      high: high.map { $0 + amount })
  }

  private init(n: Int, mean: Double, std: Double?, low: Double?, high: Double?) {
    self.n = n
    self.mean = mean
    self.std = std
    self.low = low
    self.high = high
  }

  /// Half the width of the interval.
  package var halfWidth: Double? { high.map { $0 - mean } }
}

/// The difference between two means with Welch's 95% interval.
package struct MeanDifference: Codable, Equatable, Sendable {
  package let difference: Double
  package let low: Double
  package let high: Double

  /// - Returns: Nil unless both groups have two observations, and something varies.
  package init?(_ first: [Double], minus second: [Double]) {
    self.init(first.map { ($0, .simple) }, minus: second.map { ($0, .simple) })
  }

  /// Weighted: Welch's formula on the linearised variances.
  init?(_ first: [(Double, SampleUnit)], minus second: [(Double, SampleUnit)]) {
    guard first.count > 1, second.count > 1, let a = MeanEstimate(first),
      let b = MeanEstimate(second)
    else { return nil }
    let (errorA, freedomA) = MeanEstimate.variance(first, mean: a.mean)
    let (errorB, freedomB) = MeanEstimate.variance(second, mean: b.mean)
    difference = a.mean - b.mean
    let error = errorA + errorB
    // Groups that agree within themselves say nothing about their spread.
    guard error > 1e-24 * (1 + a.mean * a.mean + b.mean * b.mean) else { return nil }
    // Welch–Satterthwaite.
    let freedom =
      error * error / (errorA * errorA / freedomA + errorB * errorB / freedomB)
    let half = StudentT.quantile(0.975, degreesOfFreedom: freedom) * error.squareRoot()
    low = difference - half
    high = difference + half
  }
}

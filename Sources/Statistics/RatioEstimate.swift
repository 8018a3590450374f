/// A ratio of two means with Fieller's interval.
///
/// Fieller (1954). Where the denominator's own interval includes 0 there is no ratio to speak of.
package struct RatioEstimate: Equatable, Sendable {
  /// Observations that numerator and denominator rest on together.
  package let n: Int
  package let ratio: Double
  package let low: Double
  package let high: Double

  /// With fewer observations a mean is too uncertain to divide by.
  package static let fewest = 4

  /// The ratio of two means over the same observations.
  ///
  /// `extra`: variance of the numerator that its observations do not show.
  ///
  /// - Returns: Nil for fewer than `fewest` observations, and where the denominator's interval includes 0.
  package init?(
    paired observations: [(numerator: Double, denominator: Double, unit: SampleUnit)],
    extra: Double = 0
  ) {
    guard observations.count >= RatioEstimate.fewest,
      let above = Domain(observations.map { ($0.0, $0.2) }),
      let below = Domain(observations.map { ($0.1, $0.2) })
    else { return nil }
    let strata = Dictionary(grouping: observations, by: \.unit.stratum)
    var covariance = 0.0
    for (x, y) in zip(above.parts, below.parts) {
      let count = Double(x.count)
      let products = (strata[x.unit.stratum] ?? []).reduce(0) {
        $0 + ($1.0 - x.mean) * ($1.1 - y.mean)
      }
      let pulls = above.pull(x) * below.pull(y)
      let within =
        x.count > 1 ? x.share * x.share * products / (count - 1) / count : pulls
      covariance +=
        within
        + pulls * (1 / count - 1 / Double(x.unit.sampled) + 1 / Double(x.unit.population))
    }
    self.init(above, below, extra: extra, covariance: covariance, n: observations.count)
  }

  /// The ratio of the means of two groups of one sample.
  ///
  /// - Returns: Nil for fewer than `fewest` observations in a group, where the denominator's interval
  ///   includes 0, and where all of a group are alike, which does not say how exact its mean is.
  package init?(
    _ numerator: [(Double, SampleUnit)], over denominator: [(Double, SampleUnit)]
  ) {
    guard min(numerator.count, denominator.count) >= RatioEstimate.fewest,
      let above = Domain(numerator), let below = Domain(denominator),
      above.studentInterval != nil, below.studentInterval != nil
    else { return nil }
    self.init(
      above, below, extra: 0, covariance: above.covariance(withOther: below),
      n: numerator.count + denominator.count)
  }

  /// Fieller's bounds: the ratios ρ for which numerator − ρ · denominator does not differ from 0.
  private init?(
    _ above: Domain, _ below: Domain, extra: Double, covariance: Double, n: Int
  ) {
    let (a, b) = (above.mean, below.mean)
    var (varianceA, freedomA) = above.variance
    let (varianceB, freedomB) = below.variance
    varianceA += extra
    guard b != 0, varianceA + varianceB > 1e-24 * (a * a + b * b) else { return nil }
    ratio = a / b
    self.n = n
    // Welch–Satterthwaite at the ratio found.
    let (partA, partB) = (varianceA, ratio * ratio * varianceB)
    let uncertainty = partA * partA / freedomA + partB * partB / freedomB
    let freedom =
      uncertainty > 0 ? (partA + partB) * (partA + partB) / uncertainty : .infinity
    let t = StudentT.quantile(IntervalLevel.current.upper, degreesOfFreedom: min(freedom, 1e6))
    let own = StudentT.quantile(IntervalLevel.current.upper, degreesOfFreedom: min(freedomB, 1e6))
    guard b * b > own * own * varianceB, b * b > t * t * varianceB else { return nil }
    let square = b * b - t * t * varianceB
    let middle = a * b - t * t * covariance
    let rest = a * a - t * t * varianceA
    let root = max(0, middle * middle - square * rest).squareRoot()
    low = (middle - root) / square
    high = (middle + root) / square
  }
}

/// The difference between the means of two groups of one sample, with its interval.
///
/// For numbers in 0...1: the groups' own intervals put together by squares (MOVER; Zou and Donner
/// 2008), which is Welch's where they are symmetric.
package struct MeanDifference: Equatable, Sendable {
  package let difference: Double
  package let low: Double
  package let high: Double

  /// - Returns: Nil unless both groups have `MeanEstimate.fewest` observations.
  package init?(shares first: [(Double, SampleUnit)], minus second: [(Double, SampleUnit)]) {
    guard min(first.count, second.count) >= MeanEstimate.fewest, let a = Domain(first),
      let b = Domain(second)
    else { return nil }
    let (one, two) = (a.shareInterval, b.shareInterval)
    difference = a.mean - b.mean
    // What both groups share by drawing on the same strata.
    let both = 2 * normalQuantile * normalQuantile * a.covariance(withOther: b)
    func length(_ x: Double, _ y: Double) -> Double { max(0, x * x + y * y - both).squareRoot() }
    low = max(-1, difference - length(a.mean - one.low, two.high - b.mean))
    high = min(1, difference + length(one.high - a.mean, b.mean - two.low))
  }
}

extension Domain {
  /// Of the means of two groups without common members: their shares of the strata depend.
  func covariance(withOther other: Domain) -> Double {
    parts.reduce(0) { sum, part in
      guard let same = other.parts.first(where: { $0.unit.stratum == part.unit.stratum }) else {
        return sum
      }
      return sum + pull(part) * other.pull(same)
        * (1 / Double(part.unit.population) - 1 / Double(part.unit.sampled))
    }
  }
}

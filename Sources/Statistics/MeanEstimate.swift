/// A mean with its confidence interval of the current level (`IntervalLevel`), weighted by the sample's design.
package struct MeanEstimate: Codable, Equatable, Sendable {
  package let n: Int
  package let mean: Double
  /// Of the observations, weighted; nil for a single one, and for what is no mean of observations.
  package let std: Double?
  /// Bounds of the interval; nil where no method holds its level.
  package let low: Double?
  package let high: Double?

  package init(n: Int, mean: Double, std: Double?, low: Double?, high: Double?) {
    self.n = n
    self.mean = mean
    self.std = std
    self.low = low
    self.high = high
  }

  init(_ domain: Domain, _ interval: (low: Double, high: Double)?) {
    n = domain.count
    mean = domain.mean
    low = interval?.low
    high = interval?.high
    guard n > 1 else {
      std = nil
      return
    }
    let spread = domain.parts.reduce(0) { sum, part in
      let deviation = part.mean - domain.mean
      return sum + part.share * (part.squares / Double(part.count) + deviation * deviation)
    }
    std = (spread * Double(n) / Double(n - 1)).squareRoot()
  }
}

extension MeanEstimate {
  /// The mean of numbers in 0...1, with Wilson's interval by strata.
  ///
  /// `areExtreme`: whether few of them may lie far from all others, as confidences do. The interval
  /// is then as for 0s and 1s, wider than most samples need, because a sample seldom shows such
  /// numbers as often as they are.
  ///
  /// `certainStrata`: those whose images are all alike by the design, such as correctly classified
  /// ones when their accuracy is asked for; they add nothing to what is uncertain.
  ///
  /// - Returns: Nil without observations.
  package init?(
    shares observations: [(Double, SampleUnit)], areExtreme: Bool = false,
    certainStrata: Set<Int> = []
  ) {
    guard let domain = Domain(observations) else { return nil }
    let interval =
      areExtreme ? domain.widestInterval : domain.shareInterval(certainStrata: certainStrata)
    self.init(domain, domain.count >= MeanEstimate.fewest ? interval : nil)
  }

  /// A share of observations, with Wilson's interval.
  ///
  /// - Returns: Nil without observations.
  package init?(successes: Int, of n: Int) {
    guard let interval = wilsonInterval(successes: successes, of: n) else { return nil }
    let share = Double(successes) / Double(n)
    let std = n > 1 ? (share * (1 - share) * Double(n) / Double(n - 1)).squareRoot() : nil
    self.init(n: n, mean: share, std: std, low: interval.low, high: interval.high)
  }

  /// With fewer observations a mean has no interval.
  package static let fewest = 4

  /// The mean of independent observations, with Student's *t*.
  ///
  /// - Returns: Nil without observations.
  package init?(_ values: [Double]) {
    guard let domain = Domain(values.map { ($0, .simple(of: values.count)) }) else { return nil }
    self.init(domain, domain.studentInterval)
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

  // Absent numbers are stated as null, so that a reader need not tell them from forgotten ones.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(n, forKey: .n)
    try container.encode(mean, forKey: .mean)
    try container.encode(std, forKey: .std)
    try container.encode(low, forKey: .low)
    try container.encode(high, forKey: .high)
  }
}

extension Domain {
  /// Nil for one observation, and where all agree in each stratum.
  var studentInterval: (low: Double, high: Double)? {
    let (variance, freedom) = variance
    // What rounding leaves of no variance is none.
    guard count > 1, variance > 1e-24 * (1 + mean * mean) else { return nil }
    let half =
      StudentT.quantile(IntervalLevel.current.upper, degreesOfFreedom: freedom)
      * variance.squareRoot()
    return (mean - half, mean + half)
  }
}

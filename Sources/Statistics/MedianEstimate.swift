/// A weighted median with its confidence interval.
///
/// Woodruff (1952): the values at which the share of the sample at or below them does not differ from
/// a half, the share's interval being Wilson's by strata. It assumes nothing about the distribution's
/// form.
package struct MedianEstimate: Equatable, Sendable {
  package let median: Double
  /// Bounds of the interval; nil where the least and greatest value do not enclose the median with
  /// the level's probability.
  package let low: Double?
  package let high: Double?

  /// - Returns: Nil without values.
  package init?(_ values: [(Double, SampleUnit)]) {
    let total = values.reduce(0) { $0 + $1.1.weight }
    let candidates = Set(values.map(\.0)).sorted()
    func share(_ limit: Double) -> [(Double, SampleUnit)] {
      values.map { ($0.0 <= limit ? 1.0 : 0, $0.1) }
    }
    func weight(_ limit: Double) -> Double {
      values.reduce(0) { $0 + ($1.0 <= limit ? $1.1.weight : 0) }
    }
    guard let median = candidates.firstFound({ weight($0) >= total / 2 * (1 - 1e-12) }) else {
      return nil
    }
    self.median = median
    guard values.count >= IntervalLevel.current.fewestForMedian,
      let none = Domain(values.map { (0.0, $0.1) })?.shareInterval, none.high < 0.5
    else {
      low = nil
      high = nil
      return
    }
    let low = candidates.firstFound { (Domain(share($0))?.shareInterval.high ?? 1) >= 0.5 }
    let high = candidates.firstFound { (Domain(share($0))?.shareInterval.low ?? 0) > 0.5 }
    self.low = high == nil ? nil : low
    self.high = high
  }

  /// - Returns: Nil without values.
  package init?(_ values: [Double]) {
    self.init(values.map { ($0, .simple(of: values.count)) })
  }
}

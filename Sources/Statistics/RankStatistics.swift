/// The area under the ROC curve with its confidence interval, weighted by the sample's design.
///
/// The probability that a value of the positives exceeds one of the negatives, ties counting half
/// (weighted Mann–Whitney). Its variance is that of the *placements*, each value's share of the other
/// group below or above it (DeLong, DeLong and Clarke-Pearson 1988), by strata; the interval is
/// Wilson's for the number of observations that would vary as much.
package struct AreaEstimate: Codable, Equatable, Sendable {
  package let area: Double
  /// Bounds of the interval; nil for a group of fewer than `fewest`.
  package let low: Double?
  package let high: Double?

  /// With fewer values a group's placements do not tell how much they vary.
  package static let fewest = 5

  /// - Returns: Nil when a group is empty.
  package init?(positives: [(Double, SampleUnit)], negatives: [(Double, SampleUnit)]) {
    let below = Placements(negatives)
    let above = Placements(positives)
    guard
      let ofPositives = Domain(positives.map { (below.shareBelow($0.0), $0.1) }),
      let ofNegatives = Domain(negatives.map { (1 - above.shareBelow($0.0), $0.1) })
    else { return nil }
    let area = ofPositives.mean
    self.area = area
    let fewer = min(positives.count, negatives.count)
    guard fewer >= AreaEstimate.fewest else {
      low = nil
      high = nil
      return
    }
    let (one, freedomOne) = ofPositives.variance
    let (two, freedomTwo) = ofNegatives.variance
    let variance = one + two + 2 * ofPositives.covariance(withOther: ofNegatives)
    let uncertainty = one * one / freedomOne + two * two / freedomTwo
    var count = Double(fewer)
    if variance > 1e-24, uncertainty > 0 {
      let t = StudentT.quantile(
        IntervalLevel.current.upper,
        degreesOfFreedom: min(1e6, (one + two) * (one + two) / uncertainty))
      let ratio = normalQuantile / t
      count = max(count, area * (1 - area) / variance * ratio * ratio)
    }
    let bounds = wilsonInterval(proportion: area, of: count)
    low = bounds?.low
    high = bounds?.high
  }

  /// - Returns: Nil when a group is empty.
  package init?(positives: [Double], negatives: [Double]) {
    self.init(
      positives: positives.map { ($0, .simple(of: positives.count)) },
      negatives: negatives.map { ($0, .simple(of: negatives.count)) })
  }
}

/// A weighted distribution, asked for the share below a value.
private struct Placements {
  private var values: [Double] = []
  /// Weight of all values before each, and of all.
  private var sums: [Double] = [0]

  init(_ observations: [(Double, SampleUnit)]) {
    for (value, unit) in observations.sorted(by: { $0.0 < $1.0 }) {
      values.append(value)
      sums.append((sums.last ?? 0) + unit.weight)
    }
  }

  /// Equal values count half.
  func shareBelow(_ value: Double) -> Double {
    let start = values.partition { $0 >= value }
    let end = values.partition { $0 > value }
    return (sums[start] + sums[end]) / 2 / (sums.last ?? 1)
  }
}

/// A weighted median with its 95% confidence interval.
///
/// Woodruff (1952): the interval of the share of values at or below the median, carried back through
/// the weighted distribution. It assumes nothing about the distribution's form.
package struct MedianEstimate: Equatable, Sendable {
  package let median: Double
  /// Bounds of the interval; nil for fewer than six values, whose least and greatest do not enclose
  /// the median with 95% probability.
  package let low: Double?
  package let high: Double?

  /// 1 − 2 · (1/2)⁶ = 97%.
  private static let fewest = 6

  /// - Returns: Nil without values.
  init?(_ values: [(Double, SampleUnit)]) {
    let sorted = values.filter { $0.1.weight > 0 }.sorted { $0.0 < $1.0 }
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let total = sorted.reduce(0) { $0 + $1.1.weight }
    /// The smallest value with that share of the weight at or below it.
    func quantile(_ share: Double) -> Double {
      var sum = 0.0
      for (value, unit) in sorted {
        sum += unit.weight
        if sum >= share * total { return value }
      }
      return last.0
    }
    let median = quantile(0.5)
    self.median = median
    guard sorted.count >= MedianEstimate.fewest else {
      low = nil
      high = nil
      return
    }
    guard first.0 < last.0 else {
      low = median
      high = median
      return
    }
    let below = sorted.map { ($0.0 <= median ? 1.0 : 0, $0.1) }
    let share = below.reduce(0) { $0 + $1.0 * $1.1.weight } / total
    let (variance, freedom) = MeanEstimate.variance(below, mean: share)
    // Ties push the share at the median up to 1, where it seems to vary little; a share of a half
    // varies most.
    let squares = sorted.reduce(0) { $0 + $1.1.weight * $1.1.weight }
    let spread = max(variance, 0.25 * squares / (total * total)).squareRoot()
    let half = StudentT.quantile(0.975, degreesOfFreedom: freedom) * spread
    low = quantile(max(0, 0.5 - half))
    high = quantile(min(1, 0.5 + half))
  }
  /// - Returns: Nil without values.
  package init?(_ values: [Double]) {
    self.init(values.map { ($0, .simple) })
  }
}

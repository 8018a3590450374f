import Foundation

/// How often an interval must hold the number that it is about.
///
/// 95%, or more where several looks at growing data share the 5% of errors. It holds for what a closure
/// computes: `IntervalLevel.$current.withValue(level) { … }`.
package struct IntervalLevel: Sendable {
  /// The share of intervals that may miss.
  package let error: Double
  /// The quantile of the normal distribution that bounds an interval from above.
  package let normalQuantile: Double

  /// 95%.
  package static let standard = IntervalLevel(
    error: 0.05, normalQuantile: 1.959_963_984_540_054)

  @TaskLocal package static var current = standard

  private init(error: Double, normalQuantile: Double) {
    self.error = error
    self.normalQuantile = normalQuantile
  }

  /// `error`: between 0 and 1.
  package init(error: Double) {
    precondition(error > 0 && error < 1, "error \(error)")
    self.error = error
    var low = 0.0
    var high = 40.0
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if erfc(middle / 2.0.squareRoot()) > error { low = middle } else { high = middle }
    }
    normalQuantile = (low + high) / 2
  }

  /// The probability that a quantile which bounds an interval from above has below it.
  var upper: Double { 1 - error / 2 }

  /// Such as "95%".
  package var text: String { String(format: "%.4g", 100 * (1 - error)) + "%" }

  /// Observations of which the least and the greatest enclose the median at this level: 1 − 2 · (1/2)ⁿ.
  var fewestForMedian: Int { Int(log2(2 / error).rounded(.up)) }
}

/// The quantile of the normal distribution that bounds intervals of the current level.
var normalQuantile: Double { IntervalLevel.current.normalQuantile }

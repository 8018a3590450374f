/// Wilson's interval for a proportion.
package func wilsonInterval(successes: Int, of n: Int) -> (low: Double, high: Double)? {
  wilsonInterval(proportion: Double(successes) / Double(max(n, 1)), of: Double(n))
}

/// Wilson's interval for a proportion; nil without observations.
///
/// Wilson (1927).
///
/// `n`: observations, or as many as carry the same information.
package func wilsonInterval(proportion p: Double, of n: Double) -> (low: Double, high: Double)? {
  guard n > 0 else { return nil }
  let z = normalQuantile
  let center = p + z * z / (2 * n)
  let half = z * (max(0, p * (1 - p)) / n + z * z / (4 * n * n)).squareRoot()
  let scale = 1 + z * z / n
  return (max(0, (center - half) / scale), min(1, (center + half) / scale))
}

extension Domain {
  /// The interval of a mean of numbers in 0...1: right or wrong, confidences, sizes as fractions.
  ///
  /// In each stratum Wilson's interval for the number of observations that would vary as much, were
  /// they 0 or 1 (Korn and Graubard 1998): never fewer than there are, so that values that all agree
  /// leave the interval open as far as their number says. The strata's bounds are put together by
  /// their squared distances from the means (MOVER; Zou and Donner 2008; Yan and Su 2010).
  var shareInterval: (low: Double, high: Double) { shareInterval(certainStrata: []) }

  func shareInterval(certainStrata: Set<Int>) -> (low: Double, high: Double) {
    let bounds = combined { part in
      certainStrata.contains(part.unit.stratum) ? (part.mean, part.mean) : part.wilson
    }
    return (max(0, bounds.low), min(1, bounds.high))
  }

  /// The same for numbers in 0...1 whatever their distribution: none varies more than 0s and 1s.
  var widestInterval: (low: Double, high: Double) {
    let bounds = combined(\.widest)
    return (max(0, bounds.low), min(1, bounds.high))
  }

  /// The interval of the mean from intervals of the strata's means.
  func combined(
    _ interval: (Part) -> (low: Double, high: Double)
  ) -> (low: Double, high: Double) {
    var below = normalQuantile * normalQuantile * varianceOfShares
    var above = below
    for part in parts {
      let bounds = interval(part)
      let (down, up) = (part.mean - bounds.low, bounds.high - part.mean)
      below += part.share * part.share * down * down
      above += part.share * part.share * up * up
    }
    return (mean - below.squareRoot(), mean + above.squareRoot())
  }
}

extension Domain.Part {
  var wilson: (low: Double, high: Double) {
    wilsonInterval(proportion: mean, of: effectiveCount) ?? (0, 1)
  }

  var widest: (low: Double, high: Double) {
    wilsonInterval(proportion: mean, of: Double(count)) ?? (0, 1)
  }

  /// Of 0s and 1s their number; of what varies less, as many more, less what Student's *t* asks.
  private var effectiveCount: Double {
    let own = Double(count)
    guard count > 1, values.contains(where: { $0 != 0 && $0 != 1 }), squares > 0 else { return own }
    let variance = squares / (own - 1) / own
    let t = StudentT.quantile(IntervalLevel.current.upper, degreesOfFreedom: own - 1)
    let ratio = normalQuantile / t
    return max(own, mean * (1 - mean) / variance * ratio * ratio)
  }
}

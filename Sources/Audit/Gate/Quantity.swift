/// A number with what is sure about it, held against limits.
struct Quantity: Equatable {
  enum Side { case atLeast, atMost }

  let value: Double
  /// Bounds of the 95% interval; equal to the value for counts and other exact numbers, infinite when
  /// nothing is sure.
  let low: Double
  let high: Double

  init(value: Double, low: Double, high: Double) {
    self.value = value
    self.low = low
    self.high = high
  }

  /// A number of `audit.json`.
  ///
  /// An estimate without interval is one image, or images that all agree: of those a mean of numbers in
  /// 0...1 is known at least as well as Wilson's interval for a share says, and nothing else is.
  ///
  /// `isShare`: whether it is such a mean.
  init(_ found: AuditNumbers.Found, _ value: Double, isShare: Bool) {
    if let low = found.low, let high = found.high {
      self.init(value: value, low: low, high: high)
    } else if !found.isEstimate {
      self.init(value: value, low: value, high: value)
    } else if let n = found.n, n > 1, isShare,
      let bounds = wilsonInterval(proportion: min(max(value, 0), 1), of: n)
    {
      self.init(value: value, low: min(value, bounds.low), high: max(value, bounds.high))
    } else {
      self.init(value: value, low: -.infinity, high: .infinity)
    }
  }

  /// A change measured image by image.
  ///
  /// Images of which none changed leave open how many of all others did: as many as Wilson's interval
  /// for none of *n* has.
  init(_ change: Comparison.Change) {
    let estimate = change.estimate
    if let low = estimate.low, let high = estimate.high {
      self.init(value: estimate.mean, low: low, high: high)
    } else if change.isExact {
      self.init(value: estimate.mean, low: estimate.mean, high: estimate.mean)
    } else if estimate.n > 1, let bounds = wilsonInterval(proportion: 0, of: estimate.n) {
      self.init(
        value: estimate.mean, low: estimate.mean - bounds.high, high: estimate.mean + bounds.high)
    } else {
      self.init(value: estimate.mean, low: -.infinity, high: .infinity)
    }
  }

  /// The difference of two numbers from independent samples.
  static func - (left: Quantity, right: Quantity) -> Quantity {
    let difference = left.value - right.value
    func length(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
    return Quantity(
      value: difference,
      low: difference - length(left.value - left.low, right.high - right.value),
      high: difference + length(left.high - left.value, right.value - right.low))
  }

  /// `metric`: for its unit.
  ///
  /// `isChange`: whether this is a difference from the baseline.
  func judge(
    _ side: Side, _ limit: Double, _ metric: String, isChange: Bool
  ) -> (status: Gate.Row.Status, reason: String) {
    // Limits are decimal numbers: 0.05 is met by 0.05 however it was computed.
    let tolerance = 1e-9 * max(1, abs(limit))
    let (isMet, isMissed) =
      side == .atLeast
      ? (low >= limit - tolerance, high < limit - tolerance)
      : (high <= limit + tolerance, low > limit + tolerance)
    if isMet { return (.passed, "") }
    func text(_ value: Double) -> String {
      isChange ? Metric.changeText(value, of: metric) : Metric.text(value, of: metric)
    }
    if isMissed {
      // Enough digits to tell them apart.
      let isClose = text(value) == text(limit)
      let (own, other) =
        isClose ? (field(value), field(limit)) : (text(value), text(limit))
      return (
        .failed,
        "\(isChange ? "the change of \(own)" : own) is \(side == .atLeast ? "below" : "above") "
          + other
      )
    }
    guard low.isFinite, high.isFinite else {
      return (
        .inconclusive,
        "too few images, or all alike: nothing is known of their spread; audit more "
          + "images (--limit)"
      )
    }
    return (
      .inconclusive,
      "the limit \(text(limit)) lies inside the 95% interval "
        + "[\(text(low)), \(text(high))]\(isChange ? " of the change" : ""); audit more images (--limit)"
    )
  }
}

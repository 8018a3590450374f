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
  /// `isSampled`: whether it is told from a sample. Without an interval nothing is then sure of it.
  init(_ found: AuditNumbers.Found, _ value: Double, isSampled: Bool) {
    if let low = found.low, let high = found.high {
      self.init(value: value, low: low, high: high)
    } else if isSampled {
      self.init(value: value, low: -.infinity, high: .infinity)
    } else {
      self.init(value: value, low: value, high: value)
    }
  }

  /// A change measured image by image.
  init(_ change: Comparison.Change) {
    let estimate = change.estimate
    if change.isExact {
      self.init(value: estimate.mean, low: estimate.mean, high: estimate.mean)
    } else {
      self.init(
        value: estimate.mean, low: estimate.low ?? -.infinity, high: estimate.high ?? .infinity)
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

  /// What a limit makes of it.
  struct Judgement {
    let status: Gate.Row.Status
    /// Empty when it is met.
    var reason = ""
    /// How many times as large a sample would decide, if the value stays what it is.
    ///
    /// Intervals shrink with the square root of what they are told from. Infinite where nothing would.
    var growth = 1.0
  }

  /// `metric`: for its unit.
  ///
  /// `isChange`: whether this is a difference from the baseline.
  func judge(
    _ side: Side, _ limit: Double, _ metric: String, isChange: Bool
  ) -> Judgement {
    // Limits are decimal numbers: 0.05 is met by 0.05 however it was computed.
    let tolerance = 1e-9 * max(1, abs(limit))
    let (isMet, isMissed) =
      side == .atLeast
      ? (low >= limit - tolerance, high < limit - tolerance)
      : (high <= limit + tolerance, low > limit + tolerance)
    if isMet { return Judgement(status: .passed) }
    func text(_ value: Double) -> String {
      isChange ? Metric.changeText(value, of: metric) : Metric.text(value, of: metric)
    }
    if isMissed {
      // Enough digits to tell them apart.
      let isClose = text(value) == text(limit)
      let (own, other) =
        isClose ? (field(value), field(limit)) : (text(value), text(limit))
      return Judgement(
        status: .failed,
        reason: "\(isChange ? "the change of \(own)" : own) is "
          + "\(side == .atLeast ? "below" : "above") \(other)")
    }
    guard low.isFinite, high.isFinite else {
      return Judgement(
        status: .inconclusive,
        reason:
          "told from a sample, without an interval: too few images, or none is known for such numbers",
        growth: .infinity)
    }
    let distance = abs(value - limit)
    let reach = value < limit ? high - value : value - low
    return Judgement(
      status: .inconclusive,
      reason: "the limit \(text(limit)) lies inside the \(levelText) interval "
        + "[\(text(low)), \(text(high))]\(isChange ? " of the change" : ""); audit more images (--limit)",
      growth: distance > 0 ? (reach / distance) * (reach / distance) : .infinity)
  }
}

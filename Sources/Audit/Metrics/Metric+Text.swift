// Numbers as people read them.
extension Metric {
  /// A difference of two values, of percentages in points, with its interval when it has one:
  /// "+1.0 [−0.2, 2.2] points".
  package static func changeText(
    _ value: Double, interval: (low: Double, high: Double)? = nil, of name: String
  ) -> String {
    let unit = named(name)?.unit ?? .plain
    func figures(_ value: Double) -> String {
      switch unit {
      case .fraction, .signed, .share: number(value * 100, decimals: 1)
      case .percent: number(value, decimals: 1)
      case .count, .plain: text(value, of: name)
      }
    }
    let brackets = interval.map { " [\(figures($0.low)), \(figures($0.high))]" } ?? ""
    return figures(value) + brackets + (unit.isPercentage || unit == .percent ? " points" : "")
  }

  /// A value of any metric.
  package static func text(_ value: Double, of name: String) -> String {
    switch named(name)?.unit ?? .plain {
    case .fraction, .signed, .share: percent(value)
    case .percent: number(value, decimals: 1) + "%"
    case .count: number(value, decimals: value == value.rounded() ? 0 : 1)
    case .plain: number(value, decimals: 3)
    }
  }

  /// A value that was measured: a share that is neither nothing nor all does not look like it.
  package static func measuredText(_ value: Double, of name: String) -> String {
    guard named(name)?.unit == .fraction else { return text(value, of: name) }
    if value >= 0.9995, value < 1 { return ">99.9%" }
    return value < 0.0005 && value > 0 ? "<0.1%" : text(value, of: name)
  }
}

/// A number of `audit.json` that policies, comparisons and histories call by name.
///
/// Measurements declare theirs; `AuditNumbers` finds them, and any other number, by path.
package struct Metric: Equatable, Sendable {
  package enum Unit: String, Codable, Sendable {
    /// 0...1, shown as a percentage.
    case fraction
    /// A difference of fractions, −1...1, shown likewise.
    case signed
    /// Already multiplied by 100.
    case percent
    case count
    case plain
  }

  /// Path below `measurements`, such as `sis_size.mean`.
  package let name: String
  /// What it is, in a phrase.
  package let meaning: String
  package let unit: Unit
  /// Whether the audit has one for each τ.
  package let hasThresholds: Bool

  init(_ name: String, _ meaning: String, _ unit: Unit = .fraction, thresholds: Bool = false) {
    self.name = name
    self.meaning = meaning
    self.unit = unit
    hasThresholds = thresholds
  }
}

extension Metric {
  /// Every declared metric, in the order of the report.
  package static let all: [Metric] = MeasurementRegistry.all.flatMap { $0.metrics }

  /// The declared metric that a name means: `accuracy.accuracy` is `accuracy`, and `sis_size.size.mean`
  /// is `sis_size.mean`.
  package static func named(_ name: String) -> Metric? {
    var path = name.split(separator: ".").map(String.init)
    if path.first == "measurements" { path.removeFirst() }
    guard let measurement = MeasurementRegistry.all.first(where: { $0.key == path.first }) else {
      return nil
    }
    if path.count > 1, path.last == "mean" { path.removeLast() }
    let rest = path.dropFirst().joined(separator: ".")
    // A measurement declares its main number first.
    if rest.isEmpty || rest == measurement.headline { return measurement.metrics.first }
    let plain = path.joined(separator: ".")
    return measurement.metrics.first { $0.name == plain || $0.name == plain + ".mean" }
  }

  /// Whether an audit can have a number of that name: a declared one, another of its measurement, a
  /// part of an estimate, or anything that is not measured.
  package static func isKnown(_ name: String) -> Bool {
    var path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if path.first == "measurements" { path.removeFirst() }
    if ["data", "models", "sample", "settings"].contains(path.first) { return path.count > 1 }
    path.removeAll { Int($0) != nil }
    if isInMeasurement(path) { return true }
    guard let last = path.popLast() else { return false }
    return ["mean", "std", "low", "high", "n"].contains(last) && isInMeasurement(path)
  }

  private static func isInMeasurement(_ path: [String]) -> Bool {
    guard let measurement = MeasurementRegistry.all.first(where: { $0.key == path.first }) else {
      return false
    }
    let rest = path.dropFirst().joined(separator: ".")
    if rest.isEmpty { return measurement.headline != nil }
    return named(path.joined(separator: ".")) != nil || measurement.headline == rest
      || measurement.details.contains(rest)
  }

  /// Whether a number is told from a sample, so that it is sure only within an interval.
  ///
  /// Counts, settings and bounds of intervals are not.
  package static func isSampled(_ name: String) -> Bool {
    var path = name.split(separator: ".").map(String.init).filter { Int($0) == nil }
    if path.first == "measurements" { path.removeFirst() }
    guard let measurement = MeasurementRegistry.all.first(where: { $0.key == path.first }) else {
      return false
    }
    let number = path.count > 1 ? path.dropFirst().joined(separator: ".") : measurement.headline
    guard let number, let last = path.last else { return true }
    let isBound =
      ["n", "low", "high"].contains(last) || last.hasSuffix("_low") || last.hasSuffix("_high")
    return !isBound && !measurement.exact.contains(number)
  }

  /// The section of the report that shows a metric.
  package static func section(of name: String) -> String {
    String(name.split(separator: ".").first { $0 != "measurements" } ?? "")
  }

  /// A difference of two values as people read it, of percentages in points, with its interval when it
  /// has one: "+1.0 [−0.2, 2.2] points".
  package static func changeText(
    _ value: Double, interval: (low: Double, high: Double)? = nil, of name: String
  ) -> String {
    let unit = named(name)?.unit ?? .plain
    func figures(_ value: Double) -> String {
      switch unit {
      case .fraction, .signed: number(value * 100, decimals: 1)
      case .percent: number(value, decimals: 1)
      case .count, .plain: text(value, of: name)
      }
    }
    let brackets = interval.map { " [\(figures($0.low)), \(figures($0.high))]" } ?? ""
    let isPoints = unit == .fraction || unit == .signed || unit == .percent
    return figures(value) + brackets + (isPoints ? " points" : "")
  }

  /// A value of any metric as people read it.
  package static func text(_ value: Double, of name: String) -> String {
    switch named(name)?.unit ?? .plain {
    case .fraction, .signed: percent(value)
    case .percent: number(value, decimals: 1) + "%"
    case .count: number(value, decimals: value == value.rounded() ? 0 : 1)
    case .plain: number(value, decimals: 3)
    }
  }
}

/// A number of `audit.json` that policies, comparisons and histories call by name.
///
/// Measurements declare theirs among their fields; `AuditNumbers` finds them, and any other number, by
/// path.
package struct Metric: Sendable {
  /// What a number counts, and with it how it is shown.
  package enum Unit: Sendable {
    /// 0...1, shown as a percentage.
    case fraction
    /// A difference of fractions, −1...1, shown likewise.
    case signed
    /// A share that may lie beyond 0...1, shown likewise.
    case share
    /// Already multiplied by 100.
    case percent
    case count
    case plain
  }

  /// Path below `measurements`, such as `sis_size.mean`.
  package let name: String
  /// What it is, in a phrase.
  package let meaning: String
  /// What people call it.
  package let plain: PlainName
  package let unit: Unit
  /// Whether the audit has one for each τ.
  package let hasThresholds: Bool
  /// See `MeasuredField.trend`.
  package let trend: Int?
  /// See `MeasuredField.pairing`.
  package let pairing: MeasuredField.Pairing?

  /// - Returns: Nil for a field that is called by its path alone.
  init?(_ field: MeasuredField, of measurement: String) {
    guard let name = field.metric else { return nil }
    guard let unit = field.form.unit else {
      preconditionFailure("'\(measurement).\(field.name)' is a metric and no number")
    }
    self.name =
      switch name {
      case .field: "\(measurement).\(field.name)"
      case .measurement: measurement
      case .named(let name): "\(measurement).\(name)"
      }
    meaning = field.meaning
    plain = field.plain ?? PlainName(field.meaning, "")
    self.unit = unit
    hasThresholds = field.scope == .threshold
    trend = field.trend
    pairing = field.pairing
  }
}

extension Metric.Unit {
  /// Whether 5% means 0.05 of it.
  var isPercentage: Bool { self == .fraction || self == .signed || self == .share }
}

extension Metric {
  /// What people call a number, at a confidence τ where it has one: the path of one that no measurement
  /// declares.
  package static func plainName(of name: String, threshold: Double?) -> String {
    (named(name)?.plain.name ?? name)
      + (threshold.map { ", at \(thresholdPercent($0)) confidence" } ?? "")
  }

  /// Every declared metric, in the order of the report.
  package static var all: [Metric] { MeasurementRegistry.all.flatMap { $0.metrics } }

  /// The parts of an estimate.
  private static let parts = ["mean", "std", "low", "high", "n"]

  /// Members of `audit.json` beside the measurements that hold numbers.
  private static let unmeasured = ["data", "models", "sample", "settings"]

  private static func measurement(_ key: String?) -> (any Measurement.Type)? {
    MeasurementRegistry.all.first { $0.key == key }
  }

  /// Members of a path, without what may stand before a measurement.
  private static func members(_ name: String) -> [String] {
    let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    return path.first == "measurements" ? Array(path.dropFirst()) : path
  }

  /// The declared metric that a name means: `accuracy.accuracy` is `accuracy`, and `sis_size.size.mean`
  /// is `sis_size.mean`.
  package static func named(_ name: String) -> Metric? {
    var path = members(name)
    guard let measurement = measurement(path.first) else { return nil }
    if path.count > 1, path.last == "mean" { path.removeLast() }
    let rest = path.dropFirst().joined(separator: ".")
    if rest.isEmpty || rest == measurement.main?.name {
      return measurement.main.flatMap { Metric($0, of: measurement.key) }
    }
    let plain = path.joined(separator: ".")
    return measurement.metrics.first { $0.name == plain || $0.name == plain + ".mean" }
  }

  /// Whether an audit can have a number of that name: a declared one, another of its measurement, a
  /// part of an estimate, or anything that is not measured.
  package static func isKnown(_ name: String) -> Bool {
    var path = members(name)
    if let first = path.first, unmeasured.contains(first) { return path.count > 1 }
    path.removeAll { Int($0) != nil }
    if isInMeasurement(path) { return true }
    guard let last = path.popLast() else { return false }
    return parts.contains(last) && isInMeasurement(path)
  }

  private static func isInMeasurement(_ path: [String]) -> Bool {
    guard let measurement = measurement(path.first) else { return false }
    let rest = path.dropFirst().joined(separator: ".")
    if rest.isEmpty { return measurement.main != nil }
    return named(path.joined(separator: ".")) != nil
      || measurement.numbers.contains { $0.path == rest }
  }

  /// Whether a number is told from a sample, so that it is sure only within an interval.
  ///
  /// Counts, settings and bounds of intervals are not.
  package static func isSampled(_ name: String) -> Bool {
    let path = members(name).filter { Int($0) == nil }
    guard let measurement = measurement(path.first) else { return false }
    let number = path.count > 1 ? path.dropFirst().joined(separator: ".") : measurement.main?.name
    guard let number, let last = path.last else { return true }
    let isBound =
      ["n", "low", "high"].contains(last) || last.hasSuffix("_low") || last.hasSuffix("_high")
    return !isBound && !measurement.numbers.contains { $0.path == number && $0.isExact }
  }

  /// Whether a number is of the audited images, and grows surer with more of them.
  static func isOfAuditedImages(_ name: String) -> Bool {
    ![Accuracy.key, RandomSubsetBaseline.key].contains(section(of: name))
  }

  /// What two audits must agree in for a number of this name to be compared.
  static func comparability(of name: String) -> Comparability {
    // What is not measured is of models and data.
    measurement(section(of: name))?.comparability
      ?? (unmeasured.contains(section(of: name)) ? .always : .sameSearch)
  }

  /// The section of the report that shows a metric.
  package static func section(of name: String) -> String {
    String(name.split(separator: ".").first { $0 != "measurements" } ?? "")
  }
}

import Figures
import Foundation
import Statistics

/// A fraction as a percentage.
package func percent(_ fraction: Double, decimals: Int = 1) -> String {
  number(fraction * 100, decimals: decimals) + "%"
}

/// A number with a fixed number of decimals and a true minus sign.
package func number(_ value: Double, decimals: Int) -> String {
  let text = String(format: "%.\(decimals)f", value)
  let isZero = !text.contains { "123456789".contains($0) }
  return (isZero ? text.replacing("-", with: "") : text).replacing("-", with: "−")
}

/// A threshold without needless zeros.
func thresholdText(_ threshold: Double) -> String {
  String(format: "%g", threshold)
}

/// A confidence as people say it: 98.1%, and >99.9% rather than a certainty that it is not.
func confidenceText(_ value: Double) -> String {
  if value >= 0.9995 { return ">99.9%" }
  return value < 0.0005 ? "<0.1%" : percent(value)
}

/// A threshold as people say it: 99%.
func thresholdPercent(_ threshold: Double) -> String {
  String(format: "%g", threshold * 100) + "%"
}

/// Mean and interval of a fraction: "6.1% [5.0, 7.2]"; the interval is cut at 0 and 100.
func interval(_ estimate: MeanEstimate, decimals: Int = 1) -> String {
  guard let low = estimate.low, let high = estimate.high else {
    return percent(estimate.mean, decimals: decimals)
  }
  return percent(estimate.mean, decimals: decimals)
    + " [\(number(max(0, low) * 100, decimals: decimals)), "
    + "\(number(min(1, high) * 100, decimals: decimals))]"
}

/// A number of 0...1 as a percentage with its interval, when it has one.
func interval(_ value: Double, _ low: Double?, _ high: Double?) -> String {
  interval(MeanEstimate(n: 0, mean: value, std: nil, low: low, high: high))
}

/// A difference of fractions in points, with its interval when it has one: "1.2 [−0.3, 2.7]".
func pointsText(_ estimate: MeanEstimate) -> String {
  func points(_ value: Double) -> String { number(value * 100, decimals: 1) }
  guard let low = estimate.low, let high = estimate.high else { return points(estimate.mean) }
  return points(estimate.mean) + " [\(points(low)), \(points(high))]"
}

/// A number for a CSV field; empty when there is none.
func field(_ value: Double?) -> String {
  value.map { String(format: "%.6g", $0) } ?? ""
}

/// The level of the intervals of what is being written, such as "95%".
var levelText: String { IntervalLevel.current.text }

/// A range for an axis that starts at zero and leaves a little room above the largest value.
func axisRange(_ values: [Double], atLeast floor: Double = 0) -> ClosedRange<Double> {
  0...max(floor, (values.max() ?? 0) * 1.06, 1e-6)
}

/// A name as part of a file's name: letters, digits, dots, dashes and underscores.
package func fileName(_ name: String) -> String {
  String(
    name.map { character in
      character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
        ? character : "_"
    })
}

/// The least and most of some counts: "8–17", or "8".
func countRange(_ counts: [Int]) -> String {
  let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
  return least == most ? String(least) : "\(least)–\(most)"
}

/// One part per model in a sentence; with many models the first few, the table having all.
func briefly(_ parts: [String]) -> String {
  parts.count > 4
    ? parts.prefix(3).joined(separator: ", ") + " and \(parts.count - 3) more (in the table)"
    : listed(parts)
}

/// Names in a sentence: "a, b and c".
package func listed(_ names: [String]) -> String {
  guard names.count > 1, let last = names.last else { return names.first ?? "" }
  return names.dropLast().joined(separator: ", ") + " and " + last
}

extension AuditResults {
  /// Ticks of an axis of thresholds.
  var thresholdTicks: [Axis.Tick] { thresholds.map { Axis.Tick($0, thresholdText($0)) } }

  /// The range of an axis of thresholds.
  var thresholdRange: ClosedRange<Double> {
    let low = thresholds.min() ?? 0
    let high = thresholds.max() ?? 1
    let room = max((high - low) * 0.05, 0.01)
    return low - room...high + room
  }

  /// The method, for figures that leave the report.
  var methodText: String { "Method: " + plan.settings.methodDescription }

  /// q as text: "5%".
  var subsetText: String { String(format: "%g", plan.settings.subsetFraction * 100) + "%" }

  var legend: [LegendEntry] {
    models.enumerated().map { LegendEntry($1.name, .series($0)) }
  }

  /// Whether lines are named where they end: few models with short names.
  private var namesLines: Bool { models.count <= 4 && models.allSatisfy { $0.name.count <= 12 } }

  /// The legend of lines; none where they are named.
  var lineLegend: [LegendEntry] { namesLines ? [] : legend }

  /// Names of lines where they end.
  ///
  /// `end`: the last value of a model's line; nil where it has none.
  func endLabels(_ end: (Int) -> Double?) -> [EndLabel] {
    guard namesLines else { return [] }
    return models.indices.compactMap { model in
      end(model).map { EndLabel(models[model].name, y: $0, SeriesStyle.series(model).color) }
    }
  }

  /// How intervals of means of shares were made, for captions.
  var intervalText: String {
    plan.sample.strata.count > 1
      ? "\(levelText) confidence interval of the stratum-weighted mean (Wilson’s by strata)"
      : "\(levelText) confidence interval of the mean (Wilson’s)"
  }

  /// What intervals are about, once per report.
  var populationText: String {
    "Intervals are for further images of the same kind, of which the dataset is taken as a random "
      + "sample; –: too few images, or nothing that could be told from them."
      + (plan.looks > 1
        ? " They are of \(levelText) because conclusions could be drawn at \(plan.looks) looks, which "
          + "share the errors of 5%." : "")
  }
}

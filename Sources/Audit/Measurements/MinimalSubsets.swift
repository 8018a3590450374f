import Reports
import Statistics

/// What is left of each SIS once every unit that it does not need is dropped (`--minimal`).
///
/// Backward selection does not promise the paper's word *minimal* (3.2); this says how far it falls
/// short. Beside the SIS, not instead of it.
package enum MinimalSubsets: Measurement {
  package static let key = "minimal_subsets"
  package static let title = "Is any of the pixels redundant?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "minimal", .estimate(.fraction), per: .threshold,
      "mean size of subsets that can lose nothing (--minimal)", metric: .field,
      plain: PlainName(
        "Pixels needed once nothing can be dropped",
        "High: decisions rest on much of the image even then. Low: on very little."), isMain: true,
      isNullable: true),
    MeasuredField(
      "size", .estimate(.fraction), per: .threshold, "mean SIS size of the same images",
      isNullable: true),
    MeasuredField("n", .exact(.count), per: .threshold, "audited images that reach τ"),
    MeasuredField(
      "shortened", .exact(.count), per: .threshold, "images of which something could be dropped"),
  ]

  package typealias Value = ThresholdCurves<ThresholdValue>

  /// Sizes are fractions of the image, over the same images.
  package struct ThresholdValue: Codable, Equatable, Sendable {
    package let threshold: Double
    package let n: Int
    /// Images of which something could be dropped.
    package let shortened: Int
    @OrNull package var size: MeanEstimate?
    @OrNull package var minimal: MeanEstimate?
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    guard results.plan.settings.findsMinimal else {
      return .notRun("it takes --minimal")
    }
    let models = results.models.indices.map { model in
      let thresholds = results.thresholds.map { threshold in
        func sizes(_ record: ImageSummary) -> (found: Int, minimal: Int)? {
          guard let found = record.sisSize(threshold),
            let minimal = record.minimalSize(threshold)
          else { return nil }
          return (found, minimal)
        }
        let known = results.records[model].compactMap(sizes)
        return ThresholdValue(
          threshold: threshold, n: known.count,
          shortened: known.count { $0.minimal < $0.found },
          size: results.mean(model) { sizes($0).map { results.fraction($0.found) } },
          minimal: results.mean(model) { sizes($0).map { results.fraction($0.minimal) } })
      }
      return Value.ModelCurve(model: results.models[model].name, thresholds: thresholds)
    }
    guard models.contains(where: { $0.thresholds.contains { $0.n > 0 } }) else {
      return .notRun("no audited image reaches the lowest threshold")
    }
    return .measured(Value(models: models))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let all = value.models.flatMap(\.thresholds)
    let subsets = all.reduce(0) { $0 + $1.n }
    let shortened = all.reduce(0) { $0 + $1.shortened }
    return [
      .finding(
        Finding(
          .neutral,
          "Of \(subsets) subsets, \(shortened) could lose a \(results.unitName) and stay at their "
            + "threshold τ or above.")),
      .table(
        Table(
          name: key,
          caption: "Mean size before and after dropping, one at a time, whatever leaves the "
            + "confidence at τ or above: afterwards nothing can be dropped. "
            + results.intervalText + ".",
          columns: [
            Table.Column("Model"), Table.Column("τ", numeric: true),
            Table.Column("n", numeric: true),
            Table.Column("SIS [\(levelText) interval]", numeric: true),
            Table.Column("Minimal [\(levelText) interval]", numeric: true),
            Table.Column("Shortened", numeric: true),
          ],
          rows: value.models.flatMap { model in
            model.thresholds.map { value in
              [
                Table.Cell(model.model), Table.Cell(thresholdText(value.threshold)),
                Table.Cell(String(value.n)), Table.Cell(value.size.map { interval($0) } ?? "–"),
                Table.Cell(value.minimal.map { interval($0) } ?? "–"),
                Table.Cell(String(value.shortened)),
              ]
            }
          })),
    ]
  }
}

extension AuditResults {
  /// What to know of subsets counted in pixels when groups of pixels were masked.
  var unitNote: String {
    plan.settings.unit == .pixel
      ? ""
      : "BackSelect masked a \(unitName) at a time, so a subset may hold a part of one; random subsets "
        + "are of single pixels. "
  }

  /// What BackSelect masks at once, in a sentence.
  var unitName: String {
    switch plan.settings.unit {
    case .pixel: "pixel"
    case .patch: "patch"
    case .superpixels: "superpixel"
    }
  }
}

import Figures
import Foundation
import Reports

/// SIS size of correctly classified against misclassified images (Figures 4 and S3):
/// 100 · (mean_correct − mean_wrong) / mean_wrong at each τ, with the 95% interval of the difference in
/// means (Welch) over mean_wrong; the same on pairs of equal confidence; and the AUROC of SIS size as
/// a predictor of correctness.
package enum CorrectVersusMisclassified: Measurement {
  package static let key = "correct_vs_misclassified"
  package static let title = "Correct against misclassified images"

  package struct Value: Codable, Equatable, Sendable {
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    package let thresholds: [ThresholdValue]
  }

  package struct ThresholdValue: Codable, Equatable, Sendable {
    package let threshold: Double
    @OrNull package var correct: MeanEstimate?
    @OrNull package var wrong: MeanEstimate?
    /// Percentage by which correct images' SIS are larger.
    @OrNull package var increase: Double?
    @OrNull package var increaseLow: Double?
    @OrNull package var increaseHigh: Double?
    /// Correct minus wrong as fractions of the image, over pairs of nearest log-odds.
    @OrNull package var matched: MeanEstimate?
    /// That a correct image has the larger SIS than a wrong one; 0.5 is chance.
    @OrNull package var areaUnderROC: Double?

    package enum CodingKeys: String, CodingKey {
      case threshold, correct, wrong, increase, matched
      case increaseLow = "increase_low"
      case increaseHigh = "increase_high"
      case areaUnderROC = "auroc"
    }
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    let models = results.models.indices.map { model in
      ModelValue(
        model: results.models[model].name,
        thresholds: results.thresholds.map { threshold in
          compare(results.records[model], threshold, fraction: results.fraction)
        })
    }
    guard models.contains(where: { $0.thresholds.contains { $0.increase != nil } }) else {
      return .notRun(
        "no model has two correct and two misclassified audited images that reach a threshold; "
          + "audit more images (--limit)")
    }
    return .measured(Value(models: models))
  }

  private static func compare(
    _ records: [ImageRecord], _ threshold: Double, fraction: (Int) -> Double
  ) -> ThresholdValue {
    let sized = records.compactMap { record in
      record.sisSize(threshold).map { (record, fraction($0)) }
    }
    let correct = sized.filter(\.0.isCorrect)
    let wrong = sized.filter { !$0.0.isCorrect }
    let difference = MeanDifference(correct.map(\.1), minus: wrong.map(\.1))
    let meanWrong = MeanEstimate(wrong.map(\.1))?.mean ?? 0
    // A mean of zero has no percentage.
    let relative = meanWrong > 0 ? difference : nil
    let pairs = wrong.compactMap { member -> Double? in
      let odds = logOdds(member.0)
      let nearest = correct.min { abs(logOdds($0.0) - odds) < abs(logOdds($1.0) - odds) }
      return nearest.map { $0.1 - member.1 }
    }
    return ThresholdValue(
      threshold: threshold, correct: MeanEstimate(correct.map(\.1)),
      wrong: MeanEstimate(wrong.map(\.1)),
      increase: relative.map { 100 * $0.difference / meanWrong },
      increaseLow: relative.map { 100 * $0.low / meanWrong },
      increaseHigh: relative.map { 100 * $0.high / meanWrong },
      matched: MeanEstimate(pairs),
      areaUnderROC: areaUnderROC(positives: correct.map(\.1), negatives: wrong.map(\.1)))
  }

  private static func logOdds(_ record: ImageRecord) -> Double {
    let confidence = min(max(record.confidence, 1e-9), 1 - 1e-9)
    return log(confidence / (1 - confidence))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    [.finding(finding(value)), .figure(figure(value, results)), .table(table(value))]
  }

  /// The threshold that the sentence speaks of: the highest at which every model has a number.
  private static func finding(_ value: Value) -> Finding {
    let sentences = value.models.compactMap { model -> String? in
      guard let last = model.thresholds.last(where: { $0.increase != nil }),
        let increase = last.increase, let low = last.increaseLow, let high = last.increaseHigh
      else { return nil }
      let direction = increase >= 0 ? "larger" : "smaller"
      let certainty = low > 0 || high < 0 ? "" : ", which may be chance"
      return "\(model.model) \(number(abs(increase), decimals: 0))% \(direction) at τ = "
        + "\(thresholdText(last.threshold))\(certainty)"
    }
    return Finding(
      .neutral,
      "SIS of correctly classified images against misclassified ones: "
        + sentences.joined(separator: "; ") + ".")
  }

  private static func figure(_ value: Value, _ results: AuditResults) -> Figure {
    let width = 0.8 / Double(max(value.models.count, 1))
    var marks: [Mark] = []
    var bounds: [Double] = []
    for (index, model) in value.models.enumerated() {
      let style = SeriesStyle.series(index)
      let offset = (Double(index) - Double(value.models.count - 1) / 2) * width
      var bars: [Mark.Point] = []
      var errors: [Mark.Interval] = []
      for (position, threshold) in model.thresholds.enumerated() {
        guard let increase = threshold.increase, let low = threshold.increaseLow,
          let high = threshold.increaseHigh
        else { continue }
        bars.append(Mark.Point(Double(position) + offset, increase))
        errors.append(Mark.Interval(Double(position) + offset, low, high))
        bounds += [low, high]
      }
      marks.append(.bars(bars, width: width * 0.86, style.color.mixed(with: .white, 0.35)))
      marks.append(.errorBars(errors, SeriesStyle(color: .ink)))
      // The marker repeats the legend's, so that the bars can be told apart without colour.
      marks.append(.points(bars, style))
    }
    let low = min(0, bounds.min() ?? 0) * 1.06
    let high = max(0, bounds.max() ?? 1) * 1.06
    marks.append(.rule(y: 0, label: ""))
    return Figure(
      name: "correct-vs-misclassified",
      caption: "Percentage increase in mean SIS size of correctly classified compared to "
        + "misclassified images; above 0: decisions that are right rest on more pixels. Error bars: "
        + "95% confidence interval of the difference in means (Welch) over the mean of misclassified "
        + "images. Groups of fewer than two images are left out; n is in the table. "
        + "\(results.methodText).",
      altText: value.models.map { model in
        "\(model.model): "
          + model.thresholds.map { value in
            "τ \(thresholdText(value.threshold)) "
              + (value.increase.map { number($0, decimals: 0) + "%" } ?? "not measured")
          }.joined(separator: ", ") + "."
      }.joined(separator: " "),
      height: 2.5,
      panels: [
        Panel(
          x: .categories(
            label: "SIS threshold τ", results.thresholds.map(thresholdText)),
          y: .linear(label: "Increase in mean SIS size (%)", range: low...max(high, low + 1)),
          marks: marks)
      ],
      legend: results.legend,
      data: DataTable(
        columns: [
          "model", "threshold", "n_correct", "mean_correct", "n_wrong", "mean_wrong",
          "increase_percent", "low", "high", "matched_n", "matched_difference", "auroc",
        ],
        rows: value.models.flatMap { model in
          model.thresholds.map { value in
            [
              model.model, field(value.threshold), String(value.correct?.n ?? 0),
              field(value.correct?.mean), String(value.wrong?.n ?? 0), field(value.wrong?.mean),
              field(value.increase), field(value.increaseLow), field(value.increaseHigh),
              String(value.matched?.n ?? 0), field(value.matched?.mean),
              field(value.areaUnderROC),
            ]
          }
        }))
  }

  private static func table(_ value: Value) -> Table {
    func mean(_ estimate: MeanEstimate?) -> String {
      estimate.map { "\(percent($0.mean)) (n = \($0.n))" } ?? "–"
    }
    func signed(_ estimate: MeanEstimate) -> String {
      let bounds = zip([estimate.low], [estimate.high]).compactMap { low, high in
        low.flatMap { low in high.map { (low, $0) } }
      }.first
      return number(estimate.mean * 100, decimals: 1)
        + (bounds.map {
          " [\(number($0.0 * 100, decimals: 1)), \(number($0.1 * 100, decimals: 1))]"
        } ?? "")
    }
    return Table(
      caption:
        "Matched: each misclassified image against the correct one of nearest log-odds; mean "
        + "difference in percentage points of the image with its 95% interval (Student’s t). AUROC: "
        + "chance that a correct image has the larger SIS.",
      columns: [
        Table.Column("Model"), Table.Column("τ", numeric: true),
        Table.Column("Correct", numeric: true), Table.Column("Misclassified", numeric: true),
        Table.Column("Increase", numeric: true), Table.Column("Matched", numeric: true),
        Table.Column("AUROC", numeric: true),
      ],
      rows: value.models.flatMap { model in
        model.thresholds.map { value in
          [
            Table.Cell(model.model), Table.Cell(thresholdText(value.threshold)),
            Table.Cell(mean(value.correct)), Table.Cell(mean(value.wrong)),
            Table.Cell(value.increase.map { number($0, decimals: 0) + "%" } ?? "–"),
            Table.Cell(value.matched.map(signed) ?? "–"),
            Table.Cell(value.areaUnderROC.map { number($0, decimals: 2) } ?? "–"),
          ]
        }
      })
  }
}

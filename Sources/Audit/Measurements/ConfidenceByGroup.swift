import Figures
import Reports
import Statistics

/// Mean confidence of correctly and incorrectly classified images among those with f_c ≥ τ
/// (Figure S4).
package enum ConfidenceByGroup: Measurement {
  package static let key = "confidence_by_group"
  package static let title = "Is it as sure when it is wrong?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "correct", .estimate(.fraction), per: .threshold, "mean confidence of correct images",
      metric: .field,
      plain: PlainName(
        "Confidence when right",
        "High: sure of its right answers."), isNullable: true),
    MeasuredField(
      "wrong", .estimate(.fraction), per: .threshold, "mean confidence of misclassified images",
      metric: .field,
      plain: PlainName(
        "Confidence when wrong",
        "High: as sure of its errors, so that confidence is no warning."), isNullable: true),
  ]

  package typealias Value = ThresholdCurves<ThresholdValue>
  package typealias ModelValue = Value.ModelCurve

  package struct ThresholdValue: Codable, Equatable, Sendable {
    package let threshold: Double
    @OrNull package var correct: MeanEstimate?
    @OrNull package var wrong: MeanEstimate?
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    .measured(
      Value(
        models: zip(results.models, results.records).map { model, records in
          ModelValue(
            model: model.name,
            thresholds: results.thresholds.map { threshold in
              func mean(correct: Bool) -> MeanEstimate? {
                // Between τ and 1.
                MeanEstimate(
                  shares: records.enumerated().compactMap { position, record in
                    guard record.isCorrect == correct, record.sisSize(threshold) != nil else {
                      return nil
                    }
                    let share = (record.confidence - threshold) / (1 - threshold)
                    return (min(max(share, 0), 1), results.unit(position))
                  }, areExtreme: true)?.scaled(by: 1 - threshold).shifted(by: threshold)
              }
              return ThresholdValue(
                threshold: threshold,
                correct: mean(correct: true), wrong: mean(correct: false))
            })
        }))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let lowest = value.models.compactMap { model -> String? in
      guard let first = model.thresholds.first, let correct = first.correct,
        let wrong = first.wrong
      else { return nil }
      return "\(model.model) \(confidenceText(correct.mean)) against \(confidenceText(wrong.mean)) "
        + "(n = \(correct.n) and \(wrong.n))"
    }
    let threshold = thresholdPercent(results.thresholds.first ?? 0)
    var blocks: [Block] = []
    if !lowest.isEmpty {
      blocks.append(
        .finding(
          Finding(
            .neutral,
            "Mean confidence when right and when wrong, of images with \(threshold) or more: "
              + briefly(lowest) + ".")))
    }
    let figure = figure(value, results)
    return blocks + [.figure(figure), .details(notes: [figure.note])]
  }

  private static func figure(_ value: Value, _ results: AuditResults) -> Figure {
    let low = min(results.thresholdRange.lowerBound, results.thresholds.first ?? 0)
    let panels = value.models.map { model in
      var marks: [Mark] = []
      for (index, group) in [\ThresholdValue.correct, \ThresholdValue.wrong].enumerated() {
        let style = groupStyle(index)
        let known = model.thresholds.compactMap { value in
          value[keyPath: group].map { (value.threshold, $0) }
        }
        marks.append(
          .band(
            known.compactMap { threshold, estimate in
              guard let low = estimate.low, let high = estimate.high else { return nil }
              return Mark.Interval(threshold, low, high)
            }, style.color))
        let points = known.map { Mark.Point($0, $1.mean) }
        marks += [.line(points, style), .points(points, style)]
      }
      return Panel(
        title: model.model,
        x: .linear(
          label: "Confidence of at least τ", range: results.thresholdRange,
          ticks: results.thresholdTicks),
        y: .linear(label: "Mean confidence", range: low...1.005), marks: marks)
    }
    let columns = min(3, max(1, panels.count))
    let all = value.models.flatMap(\.thresholds)
    return Figure(
      name: "confidence-by-group",
      caption:
        "Compare at the left, where all images count; further right only sure ones are left, and lines meet.",
      note: "Mean confidence of correctly classified and of misclassified images among those "
        + "whose confidence reaches τ. Bands: \(levelText) confidence interval of the weighted mean (Wilson’s for "
        + "any numbers between τ and 1, by strata); groups of fewer than four images have none. n = "
        + "\(countRange(all.map { $0.correct?.n ?? 0 })) correct and "
        + "\(countRange(all.map { $0.wrong?.n ?? 0 })) misclassified images.",
      altText: value.models.map(altText).joined(separator: " "),
      height: 1.75 * Double((panels.count + columns - 1) / columns) + 0.3, columns: columns,
      panels: panels,
      legend: [
        LegendEntry("correctly classified", groupStyle(0)),
        LegendEntry("misclassified", groupStyle(1)),
      ],
      data: DataTable(
        columns: [
          "model", "threshold", "n_correct", "mean_correct", "low_correct", "high_correct",
          "n_wrong", "mean_wrong", "low_wrong", "high_wrong",
        ],
        rows: value.models.flatMap { model in
          model.thresholds.map { value in
            [
              model.model, field(value.threshold), String(value.correct?.n ?? 0),
              field(value.correct?.mean), field(value.correct?.low), field(value.correct?.high),
              String(value.wrong?.n ?? 0), field(value.wrong?.mean), field(value.wrong?.low),
              field(value.wrong?.high),
            ]
          }
        }))
  }

  private static func altText(_ model: ModelValue) -> String {
    func text(_ estimate: MeanEstimate?) -> String {
      estimate.map { "\(confidenceText($0.mean)) (n = \($0.n))" } ?? "none"
    }
    let parts = model.thresholds.map { value in
      "τ \(thresholdText(value.threshold)) correct \(text(value.correct)), "
        + "misclassified \(text(value.wrong))"
    }
    return "\(model.model): " + parts.joined(separator: "; ") + "."
  }

  /// Right, then wrong: none of the first models’ colours.
  static let groupColors = [Color(0x3c4450), Color(0xb0478a)]

  private static func groupStyle(_ index: Int) -> SeriesStyle {
    index == 0
      ? SeriesStyle(color: groupColors[0], marker: .circle)
      : SeriesStyle(color: groupColors[1], marker: .triangle, dash: [5, 2])
  }
}

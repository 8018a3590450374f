import Figures
import Statistics

/// Sizes of right and wrong decisions, and by how much they differ.
extension CorrectVersusMisclassified {
  /// Every image's size, right ones above wrong ones, a panel a model.
  static func distributions(_ value: Value, _ results: AuditResults) -> Figure {
    // One threshold for all: the one with the most misclassified images over models.
    let threshold =
      results.thresholds.max { one, other in
        func wrong(_ threshold: Double) -> Int {
          value.models.flatMap(\.thresholds).filter { $0.threshold == threshold }
            .reduce(0) { $0 + ($1.wrong?.n ?? 0) }
        }
        return (wrong(one), one) < (wrong(other), other)
      } ?? 0.5
    let all = results.models.indices.map { model in
      [true, false].map { isRight in
        results.records[model].filter { $0.isCorrect == isRight }
          .compactMap { $0.sisSize(threshold).map { 100 * results.fraction($0) } }
      }
    }
    let range = 0...max((all.joined().joined().max() ?? 0) * 1.04, 1)
    let panels = results.models.indices.map { model in
      let known = value.models[model].thresholds.first { $0.threshold == threshold }
      let means = [known?.correct, known?.wrong]
      return Panel(
        title: value.models[model].model, x: .linear(label: "Pixels needed (%)", range: range),
        y: .categories(label: "", ["wrong", "right"]),
        marks: [1.0, 0.0].enumerated().flatMap { group, center in
          Distribution.marks(
            all[model][group], stroke: means[group].map { $0.mean * 100 }, center: center,
            color: groupColor(group), range: range)
        })
    }
    let columns = min(3, max(1, panels.count))
    return Figure(
      name: "sizes-right-and-wrong",
      caption:
        "Further left when wrong: errors rest on fewer pixels, so on patterns and not on objects. Upright "
        + "strokes are means.",
      note:
        "Audited images whose confidence reaches τ = \(thresholdText(threshold)), the threshold with the most "
        + "misclassified ones; means are weighted by strata.",
      altText: value.models.map { model in
        let known = model.thresholds.first { $0.threshold == threshold }
        return
          "\(model.model): mean when right \(known?.correct.map { percent($0.mean) } ?? "none"), when wrong "
          + "\(known?.wrong.map { percent($0.mean) } ?? "none")."
      }.joined(separator: " "),
      height: 1.4 * Double((panels.count + columns - 1) / columns), columns: columns,
      panels: panels,
      data: DataTable(
        columns: ["model", "threshold", "correct", "size_percent", "images"],
        rows: results.models.indices.flatMap { model in
          ["1", "0"].enumerated().flatMap { group, name in
            // As many rows as there are sizes, however many images there are.
            Dictionary(grouping: all[model][group]) { $0 }.sorted { $0.key < $1.key }.map {
              [
                value.models[model].model, field(threshold), name, field($0.key),
                String($0.value.count),
              ]
            }
          }
        }))
  }

  /// Right, then wrong: the colours of these groups in every figure.
  private static func groupColor(_ group: Int) -> Color {
    ConfidenceByGroup.groupColors[group]
  }

  private static func counts(_ value: Value, _ count: (ThresholdValue) -> Int?) -> String {
    countRange(value.models.flatMap(\.thresholds).map { count($0) ?? 0 })
  }

  /// A bar per model at each τ, with its interval.
  private static func panel(_ value: Value, _ results: AuditResults) -> Panel {
    let width = 0.8 / Double(max(value.models.count, 1))
    var marks: [Mark] = []
    var drawn: [Double] = []
    // Thresholds at which nothing can be said take no room.
    let shown = results.thresholds.indices.filter { index in
      value.models.contains { $0.thresholds[index].isTelling }
    }
    for (index, model) in value.models.enumerated() {
      let style = SeriesStyle.series(index)
      let offset = (Double(index) - Double(value.models.count - 1) / 2) * width
      var bars: [Mark.Point] = []
      var errors: [Mark.Interval] = []
      for (position, threshold) in shown.map({ model.thresholds[$0] }).enumerated() {
        guard threshold.isTelling, let increase = threshold.increase,
          let low = threshold.increaseLow, let high = threshold.increaseHigh
        else { continue }
        bars.append(Mark.Point(Double(position) + offset, increase))
        errors.append(Mark.Interval(Double(position) + offset, low, high))
        drawn.append(increase)
      }
      marks.append(.bars(bars, width: width * 0.86, barStyle(style).color))
      marks.append(.errorBars(errors, SeriesStyle(color: .ink)))
    }
    // Intervals that reach far beyond the bars are cut.
    let low = min(-50, (drawn.min() ?? 0) * 1.4)
    let high = max(50, (drawn.max() ?? 0) * 1.4)
    marks.append(.rule(y: 0, label: ""))
    return Panel(
      x: .categories(
        label: "Confidence of at least τ", shown.map { thresholdText(results.thresholds[$0]) }),
      y: .linear(label: "More pixels when right (%)", range: low...high),
      marks: marks)
  }

  private static func barStyle(_ style: SeriesStyle) -> SeriesStyle {
    SeriesStyle(color: style.color.mixed(with: .white, 0.25))
  }

  /// Percentages with wider intervals, in points, say nothing and are not printed.
  static let widestTelling = 200.0

  static func figure(_ value: Value, _ results: AuditResults) -> Figure {
    Figure(
      name: "correct-vs-misclassified",
      caption:
        "Above 0: right decisions rest on more pixels than wrong ones. Arrows: the interval goes on.",
      note: "Percentage increase in mean SIS size of correctly classified compared to "
        + "misclassified images. Error bars: "
        + "\(levelText) confidence interval of the ratio of the weighted means (Fieller), cut at −100. n = \(counts(value) { $0.correct?.n }) correct and "
        + "\(counts(value) { $0.wrong?.n }) misclassified images; nothing is drawn where a group has fewer "
        + "than \(RatioEstimate.fewest), or where the interval is wider than \(Int(widestTelling)) points.",
      altText: value.models.map { model in
        "\(model.model): "
          + model.thresholds.map { value in
            "τ \(thresholdText(value.threshold)) "
              + (value.increase.map { number($0, decimals: 0) + "%" } ?? "not measured")
          }.joined(separator: ", ") + "."
      }.joined(separator: " "),
      height: 2.0,
      panels: [panel(value, results)],
      legend: results.models.enumerated().map {
        LegendEntry($1.name, barStyle(.series($0)), key: .bar)
      },
      data: DataTable(
        columns: [
          "model", "threshold", "n_correct", "mean_correct", "n_wrong", "mean_wrong",
          "increase_percent", "low", "high", "difference", "difference_low", "difference_high",
          "matched_n", "matched_difference", "matched_low", "matched_high", "auroc", "auroc_low",
          "auroc_high",
        ],
        rows: value.models.flatMap { model in
          model.thresholds.map { value in
            [
              model.model, field(value.threshold), String(value.correct?.n ?? 0),
              field(value.correct?.mean), String(value.wrong?.n ?? 0), field(value.wrong?.mean),
              field(value.increase), field(value.increaseLow), field(value.increaseHigh),
              field(value.difference), field(value.differenceLow), field(value.differenceHigh),
              String(value.matched?.n ?? 0), field(value.matched?.mean), field(value.matched?.low),
              field(value.matched?.high), field(value.areaUnderROC), field(value.areaLow),
              field(value.areaHigh),
            ]
          }
        }))
  }
}

extension CorrectVersusMisclassified.ThresholdValue {
  /// Whether the percentage says anything: its interval is not too wide.
  var isTelling: Bool {
    guard let low = increaseLow, let high = increaseHigh else { return false }
    return high - low <= CorrectVersusMisclassified.widestTelling
  }
}

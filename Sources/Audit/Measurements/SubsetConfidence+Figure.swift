import Figures
import Statistics

/// Accuracy on full images, on subsets and on random pixels, beside each other.
extension SubsetConfidence {
  private typealias Bar = (mean: Double, low: Double?, high: Double?)

  static func figure(_ value: Value, _ results: AuditResults) -> Figure {
    let random = results.value(of: RandomSubsetBaseline.self)
    let names = ["full image", "\(results.subsetText) BackSelect", "\(results.subsetText) random"]
    let styles = [
      SeriesStyle(color: SeriesStyle.colors[0], marker: .circle),
      SeriesStyle(color: SeriesStyle.colors[1], marker: .square),
      SeriesStyle(color: SeriesStyle.colors[2], marker: .triangle),
    ]
    let series = series(value, random)
    return Figure(
      name: "subset-accuracy",
      caption:
        "Accuracy on full images (all \(results.plan.data.images), Wilson’s interval), on \(results.subsetText) subsets chosen by BackSelect and on "
        + "\(results.subsetText) subsets drawn at random (n = \(results.plan.sample.images.count) "
        + "images). Error bars: \(results.intervalText)"
        + (random.map {
          "; for random subsets over \($0.models[0].n) images of \($0.draws) draws each"
        } ?? "") + ". \(results.methodText).",
      altText: value.models.enumerated().map { index, model in
        "\(model.model): full image \(percent(model.fullAccuracy)), "
          + "BackSelect subset \(percent(model.subsetAccuracy.mean)), random subset "
          + (random.map { percent($0.models[index].mean) } ?? "not measured") + "."
      }.joined(separator: " "),
      height: 2.4,
      panels: [
        Panel(
          x: .categories(label: "", value.models.map(\.model)),
          y: .linear(label: "Accuracy (%)", range: 0...104),
          marks: marks(series, styles)
            + [.rule(y: 100 / Double(results.plan.classCount), label: "chance")])
      ],
      legend: zip(names, styles).map { LegendEntry($0, $1) },
      data: DataTable(
        columns: ["model", "shown", "accuracy", "low", "high"],
        rows: zip(["full", "backselect", "random"], series).flatMap { name, values in
          values.enumerated().compactMap { index, entry in
            entry.map {
              [value.models[index].model, name, field($0.mean), field($0.low), field($0.high)]
            }
          }
        }))
  }

  /// Three series of one bar per model; nil where it was not measured.
  private static func series(_ value: Value, _ random: RandomSubsetBaseline.Value?) -> [[Bar?]] {
    [
      value.models.map { model in
        (model.fullAccuracy, model.fullAccuracyLow, model.fullAccuracyHigh)
      },
      value.models.map { ($0.subsetAccuracy.mean, $0.subsetAccuracy.low, $0.subsetAccuracy.high) },
      value.models.indices.map { index in
        random.map { random in
          let model = random.models[index]
          return (model.mean, model.low, model.high)
        }
      },
    ]
  }

  /// Bars side by side with their intervals.
  private static func marks(_ series: [[Bar?]], _ styles: [SeriesStyle]) -> [Mark] {
    let width = 0.26
    var marks: [Mark] = []
    for (index, values) in series.enumerated() {
      let offset = Double(index - 1) * width
      let known = values.enumerated().compactMap { position, value in
        value.map { (Double(position) + offset, $0) }
      }
      let bars = known.map { Mark.Point($0, $1.mean * 100) }
      marks.append(.bars(bars, width: width * 0.88, styles[index].color.mixed(with: .white, 0.35)))
      marks.append(
        .errorBars(
          known.compactMap { x, value in
            guard let low = value.low, let high = value.high else { return nil }
            return Mark.Interval(x, max(0, low * 100), min(100, high * 100))
          }, SeriesStyle(color: .ink)))
      marks.append(.points(bars, styles[index]))
    }
    return marks
  }
}

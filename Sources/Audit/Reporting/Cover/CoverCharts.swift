import Figures
import Statistics

/// Three numbers of a model as small charts: its accuracy on whole images, chosen and random pixels with that
/// of other models on its pixels, and how many pixels it needs.
struct CoverCharts {
  private let results: AuditResults
  private let threshold: Double?
  /// Inches.
  private static let width = 2.0

  init(_ results: AuditResults, threshold: Double?) {
    self.results = results
    self.threshold = threshold
  }

  /// `isCompact`: whether there is room for the accuracies alone.
  func charts(_ model: Int, isCompact: Bool) -> [Figure] {
    isCompact
      ? [accuracies(model, room: 0.06)]
      : [accuracies(model, room: 0.2), sizes(model)].compactMap { $0 }
  }

  /// `room`: above and below the bars, in inches.
  private func accuracies(_ model: Int, room: Double) -> Figure {
    let plan = results.plan
    let q = results.subsetText
    func row(_ name: String, _ estimate: MeanEstimate, isOwn: Bool) -> AccuracyBars.Row {
      AccuracyBars.Row(name, estimate.mean, estimate.low, estimate.high, isOwn: isOwn)
    }
    var rows: [AccuracyBars.Row]
    if let same = results.value(of: SubsetConfidence.self)?.models[model].sameImages {
      rows = [
        row("whole image", same.full, isOwn: true), row("its \(q)", same.subset, isOwn: true),
        row("random \(q)", same.random, isOwn: false),
      ]
    } else {
      let whole = Double(plan.models[model].correct) / Double(plan.data.images)
      rows = [AccuracyBars.Row("whole image", whole, nil, nil, isOwn: true)]
    }
    if let others = Transferability.othersOnNeeded(results, model) {
      rows.append(row("others, its \(q)", others, isOwn: false))
    }
    let bars = AccuracyBars(rows: rows)
    return Figure(
      name: "cover-accuracy-\(fileName(results.models[model].name))", caption: "",
      altText: "Right on: \(bars.text).", width: CoverCharts.width,
      height: (room < 0.1 ? 0.14 : AccuracyBars.rowHeight) * Double(rows.count) + room,
      panels: [bars.panel(model: model)], data: DataTable(columns: [], rows: []))
  }

  private func sizes(_ model: Int) -> Figure? {
    guard let threshold else { return nil }
    let own = results.needed(model, threshold).map { $0.share * 100 }
    guard !own.isEmpty else { return nil }
    let highest =
      results.models.indices.flatMap { results.needed($0, threshold).map(\.share) }.max() ?? 1
    let median = results.medianNeeded(model, threshold)
    return Figure(
      name: "cover-sizes-\(fileName(results.models[model].name))", caption: "",
      altText: "Pixels needed at \(thresholdPercent(threshold)) confidence: "
        + (median.map { "median \(percent($0)) of the image, " } ?? "")
        + "\(own.count) images.",
      width: CoverCharts.width, height: 0.56,
      panels: [
        Panel(
          x: .linear(
            label: "pixels for \(thresholdPercent(threshold))"
              + (median.map { ", median \(percent($0))" } ?? ""),
            range: 0...max(highest * 104, 1)),
          y: .hidden,
          marks: Distribution.marks(
            own, stroke: median.map { $0 * 100 }, center: 0.5,
            color: SeriesStyle.series(model).color,
            range: 0...max(highest * 104, 1)))
      ], data: DataTable(columns: [], rows: []))
  }
}

import Figures
import Statistics

/// Three numbers of a model as small charts: its accuracy on whole images, chosen and random pixels with that
/// of other models on its pixels, and how many pixels it needs.
struct CoverCharts {
  private let results: AuditResults
  private let threshold: Double?
  /// Inches.
  private static let width = 2.0
  /// The share of the width that bars of 100% take; the rest is for numbers.
  private static let longest = 0.66

  init(_ results: AuditResults, threshold: Double?) {
    self.results = results
    self.threshold = threshold
  }

  func charts(_ model: Int) -> [Figure] {
    [accuracies(model), sizes(model)].compactMap { $0 }
  }

  private func accuracies(_ model: Int) -> Figure? {
    let plan = results.plan
    let color = SeriesStyle.series(model).color
    let q = results.subsetText
    typealias Row = (name: String, value: Double, low: Double?, high: Double?, color: Color)
    var rows: [Row] = []
    let whole = Double(plan.models[model].correct) / Double(plan.data.images)
    if let same = results.value(of: SubsetConfidence.self)?.models[model].sameImages {
      rows += [
        ("whole image", same.full.mean, same.full.low, same.full.high, color),
        ("its \(q)", same.subset.mean, same.subset.low, same.subset.high, color),
        ("random \(q)", same.random.mean, same.random.low, same.random.high, .muted),
      ]
    } else {
      rows.append(("whole image", whole, nil, nil, color))
    }
    if let others = results.value(of: Transferability.self)?.models[model].others {
      rows.append(("others, its \(q)", others.mean, others.low, others.high, .muted))
    }
    let count = Double(rows.count)
    func scaled(_ value: Double) -> Double { min(max(value, 0), 1) * CoverCharts.longest }
    let bars = rows.enumerated().map { index, row in
      Mark.barsAcross(
        [Mark.Point(scaled(row.value), count - 1 - Double(index))], thickness: 0.62,
        row.color.mixed(with: .white, 0.35), labels: [percent(row.value, decimals: 0)])
    }
    let errors = rows.enumerated().compactMap { index, row -> Mark.Interval? in
      guard let low = row.low, let high = row.high else { return nil }
      return Mark.Interval(count - 1 - Double(index), scaled(low), scaled(high))
    }
    return Figure(
      name: "cover-accuracy-\(fileName(results.models[model].name))", caption: "",
      altText: "Right on: "
        + rows.map { "\($0.name) \(percent($0.value, decimals: 0))" }.joined(separator: ", ") + ".",
      width: CoverCharts.width, height: 0.155 * count + 0.2,
      panels: [
        Panel(
          x: .linear(label: "", range: 0...1, ticks: []),
          y: .categories(label: "", rows.map(\.name).reversed()),
          marks: bars + [.errorBarsAcross(errors, .ink)])
      ], data: DataTable(columns: [], rows: []))
  }

  private func sizes(_ model: Int) -> Figure? {
    guard let threshold else { return nil }
    let own = results.sizes(model, threshold).map { $0 * 100 }
    guard !own.isEmpty else { return nil }
    let highest = results.models.indices.flatMap { results.sizes($0, threshold) }.max() ?? 1
    let median = results.value(of: SISSizeByThreshold.self)?.models[model].thresholds
      .first { $0.threshold == threshold }?.median
    return Figure(
      name: "cover-sizes-\(fileName(results.models[model].name))", caption: "",
      altText: "Pixels needed at \(thresholdPercent(threshold)) confidence: "
        + (median.map { "median \(percent($0)) of the image, " } ?? "")
        + "\(own.count) images.",
      width: CoverCharts.width, height: 0.62,
      panels: [
        Panel(
          x: .linear(
            label: "pixels needed (%)" + (median.map { ", median \(percent($0))" } ?? ""),
            range: 0...max(highest * 104, 1)),
          y: .hidden,
          marks: Distribution.marks(
            own, median: median.map { $0 * 100 }, center: 0.5, color: SeriesStyle.series(model).color,
            range: 0...max(highest * 104, 1)))
      ], data: DataTable(columns: [], rows: []))
  }
}

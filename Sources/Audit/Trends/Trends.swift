import Figures
import Foundation
import History
import Reports

/// Numbers over the runs of a history, with the gate's limits.
package struct Trends: Codable, Equatable, Sendable {
  /// One metric over the runs.
  package struct Panel: Codable, Equatable, Sendable {
    package let metric: String
    @OrNull package var threshold: Double?
    package let points: [HistoryPoint]
    /// Absolute limits of the policy.
    package let limits: [Double]
  }

  package let panels: [Panel]
  package let data: String
  package let method: String

  static let sectionID = "trends"
  /// The latest runs that are drawn.
  private static let mostRuns = 40
  private static let mostPanels = 9

  /// What a history says of the runs that can be drawn with this one.
  ///
  /// - Throws: `HistoryError`.
  package init(_ history: History, _ results: AuditResults, _ policy: Policy) throws {
    let (data, method) = (results.plan.data.name, results.plan.comparableMethod)
    self.data = data
    self.method = method
    panels = try Trends.wanted(results, policy).prefix(Trends.mostPanels).compactMap { wanted in
      let series = try history.series(
        wanted.metric, threshold: wanted.threshold, data: data, method: method)
      // A history may hold other models; those audited now are drawn.
      let names = Set(results.models.map(\.name))
      let own = series.filter { $0.model.map(names.contains) ?? true }
      guard !own.isEmpty else { return nil }
      return Panel(
        wanted.metric, threshold: wanted.threshold, points: Trends.latest(own),
        limits: policy.limits(wanted.metric, threshold: wanted.threshold))
    }
  }

  package init(panels: [Panel], data: String, method: String) {
    self.panels = panels
    self.data = data
    self.method = method
  }

  /// Adds a finished audit to a history, and reads what it holds with it.
  ///
  /// - Throws: `HistoryError`.
  init(
    adding results: AuditResults, sections: [MeasuredSection], gate: Gate, run: RunDescription,
    folder: RunFolder, policy: Policy, to path: String
  ) throws {
    let history = try History(path: path, create: true)
    try history.add(
      HistoryRun(
        results, numbers: AuditNumbers(results, sections: sections), gate: gate, run: run,
        folder: folder.path))
    try self.init(history, results, policy)
  }

  /// The same numbers with the limits of another policy.
  func limited(by policy: Policy) -> Trends {
    Trends(
      panels: panels.map { panel in
        Panel(
          panel.metric, threshold: panel.threshold, points: panel.points,
          limits: policy.limits(panel.metric, threshold: panel.threshold))
      }, data: data, method: method)
  }

  private static func latest(_ points: [HistoryPoint]) -> [HistoryPoint] {
    var runs: [Int64] = []
    for point in points where runs.last != point.run { runs.append(point.run) }
    let kept = Set(runs.suffix(mostRuns))
    return points.filter { kept.contains($0.run) }
  }

  private static func wanted(
    _ results: AuditResults, _ policy: Policy
  ) -> [(metric: String, threshold: Double?)] {
    let middle = results.thresholds.min { abs($0 - 0.9) < abs($1 - 0.9) }
    var wanted: [(metric: String, threshold: Double?)] = []
    func add(_ name: String, _ threshold: Double?) {
      guard let metric = Metric.named(name) else { return }
      let threshold = metric.hasThresholds ? threshold ?? middle : nil
      guard !wanted.contains(where: { $0.metric == metric.name && $0.threshold == threshold })
      else { return }
      wanted.append((metric.name, threshold))
    }
    // Whatever the policy says.
    let usual = Metric.all.filter { $0.trend != nil }.sorted { ($0.trend ?? 0) < ($1.trend ?? 0) }
    for metric in usual { add(metric.name, middle) }
    for check in policy.checks { add(check.metric, check.threshold) }
    return wanted
  }
}

extension Trends.Panel {
  package init(
    _ metric: String, threshold: Double?, points: [HistoryPoint], limits: [Double]
  ) {
    self.metric = metric
    self.points = points
    self.limits = limits
    self.threshold = threshold
  }
}

extension Policy {
  /// Absolute limits on a metric.
  package func limits(_ metric: String, threshold: Double?) -> [Double] {
    checks.filter {
      (Metric.named($0.metric)?.name ?? $0.metric) == metric
        && ($0.threshold ?? threshold) == threshold
    }
    .flatMap(\.bounds).filter { !$0.needsBaseline }.map(\.amount)
  }
}

// MARK: - Showing

extension Trends {
  /// The part of a report that shows numbers over time.
  package func section() -> Section {
    let runs = runs
    guard runs.count > 1 else {
      return Section(
        id: Trends.sectionID, title: "How has it changed over time?",
        blocks: [
          .paragraph(
            "The history holds one run on \(data) with this method; a trend takes two or more.")
        ])
    }
    let figure = figure()
    return Section(
      id: Trends.sectionID, title: "How has it changed over time?", isSummary: true,
      blocks: [.finding(finding), .figure(figure), .details(notes: [figure.note])])
  }

  /// Number and date of every run drawn, oldest first.
  private var runs: [(id: Int64, date: String)] {
    var found: [Int64: String] = [:]
    for point in panels.flatMap(\.points) { found[point.run] = point.date }
    return found.map { ($0.key, $0.value) }.sorted { ($0.date, $0.id) < ($1.date, $1.id) }
  }

  private var models: [String] {
    var names: [String] = []
    for point in panels.flatMap(\.points) {
      if let model = point.model, !names.contains(model) { names.append(model) }
    }
    return names
  }

  private var finding: Finding {
    let parts = models.compactMap { model -> String? in
      let changes = panels.prefix(3).compactMap { panel -> String? in
        let own = panel.points.filter { $0.model == model }.suffix(2)
        guard own.count == 2, let before = own.first, let now = own.last else { return nil }
        return "\(panel.title) \(Metric.text(before.value, of: panel.metric)) → "
          + Metric.text(now.value, of: panel.metric)
      }
      return changes.isEmpty ? nil : "\(model): \(listed(changes))"
    }
    return Finding(
      .neutral, "From the run before to the latest: " + parts.joined(separator: "; ") + ".")
  }

  /// Small multiples, one per metric, with the limits as lines.
  package func figure(name: String = "trends") -> Figure {
    let runs = runs
    let models = models
    let positions = Dictionary(
      runs.enumerated().map { ($1.id, Double($0)) }, uniquingKeysWith: { first, _ in first })
    let drawn = panels.map { panel -> Figures.Panel in
      var marks: [Mark] = []
      for (index, model) in models.enumerated() {
        let style = SeriesStyle.series(index)
        let own = panel.points.filter { $0.model == model }
        let bands = own.compactMap { point -> Mark.Interval? in
          guard let x = positions[point.run], let low = point.low, let high = point.high else {
            return nil
          }
          return Mark.Interval(x, panel.drawn(low), panel.drawn(high))
        }
        let points = own.compactMap { point in
          positions[point.run].map { Mark.Point($0, panel.drawn(point.value)) }
        }
        marks += [.band(bands, style.color), .line(points, style), .points(points, style)]
      }
      for limit in panel.limits { marks.append(.rule(y: panel.drawn(limit), label: "limit")) }
      return Figures.Panel(
        title: panel.title,
        x: .linear(
          label: "", range: -0.3...Double(max(runs.count - 1, 1)) + 0.3, ticks: Trends.ticks(runs)),
        y: .linear(label: panel.axisLabel, range: panel.range), marks: marks)
    }
    let columns = min(3, max(1, drawn.count))
    return Figure(
      name: name,
      caption:
        "The \(runs.count) latest runs on \(data), oldest at the left. Dashed: limits of the policy.",
      note:
        "Evenly spaced. Bands: each run’s intervals, where a number has one. Only runs with this method are drawn: "
        + "\(method).",
      altText: panels.map { panel in
        "\(panel.title): "
          + models.map { model in
            let own = panel.points.filter { $0.model == model }
            return "\(model) "
              + own.map { Metric.text($0.value, of: panel.metric) }.joined(separator: ", ")
          }.joined(separator: "; ") + "."
      }.joined(separator: " "),
      height: 1.65 * Double((drawn.count + columns - 1) / columns) + 0.3, columns: columns,
      panels: drawn, legend: models.enumerated().map { LegendEntry($1, .series($0)) },
      data: DataTable(
        columns: ["metric", "threshold", "run", "date", "model", "sha256", "value", "low", "high"],
        rows: panels.flatMap { panel in
          panel.points.map { point in
            [
              panel.metric, field(panel.threshold), String(point.run), point.date,
              point.model ?? "", point.digest ?? "", field(point.value), field(point.low),
              field(point.high),
            ]
          }
        }))
  }

  /// Month and day of each run; where there is no room for all, some are drawn.
  private static func ticks(_ runs: [(id: Int64, date: String)]) -> [Axis.Tick] {
    runs.indices.map { index in
      Axis.Tick(Double(index), String(runs[index].date.dropFirst(5).prefix(5)))
    }
  }
}

extension Trends.Panel {
  var title: String { Metric.plainName(of: metric, threshold: threshold) }

  /// As drawn: fractions as percentages.
  fileprivate func drawn(_ value: Double) -> Double {
    hasPercents ? value * 100 : value
  }

  fileprivate var axisLabel: String {
    hasPercents || Metric.named(metric)?.unit == .percent ? "%" : ""
  }

  private var hasPercents: Bool {
    let unit = Metric.named(metric)?.unit
    return unit == .fraction || unit == .share
  }

  fileprivate var range: ClosedRange<Double> {
    let values = points.flatMap { [$0.value, $0.low, $0.high].compactMap { $0 } } + limits
    let (low, high) = (drawn(values.min() ?? 0), drawn(values.max() ?? 1))
    let room = max((high - low) * 0.1, abs(high) * 0.02, 1e-6)
    return low - room...high + room
  }
}

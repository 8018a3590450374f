import Figures

/// Accuracies of one model as bars with their numbers, so that no legend is needed.
struct AccuracyBars {
  struct Row {
    let name: String
    let value: Double
    let low: Double?
    let high: Double?
    /// Whether it is of what the model chose itself, and has its colour.
    let isOwn: Bool

    init(_ name: String, _ value: Double, _ low: Double?, _ high: Double?, isOwn: Bool) {
      self.name = name
      self.value = value
      self.low = low
      self.high = high
      self.isOwn = isOwn
    }
  }

  let rows: [Row]

  /// The share of the width that bars of 100% take; the rest is for numbers.
  private static let longest = 0.66
  /// Inches that a row takes.
  static let rowHeight = 0.155

  /// `model`: its place, for its colour.
  func panel(title: String = "", model: Int) -> Panel {
    let color = SeriesStyle.series(model).color.mixed(with: .white, 0.3)
    let grey = Color.muted.mixed(with: .white, 0.4)
    func scaled(_ value: Double) -> Double { min(max(value, 0), 1) * AccuracyBars.longest }
    func place(_ index: Int) -> Double { Double(rows.count - 1 - index) }
    let bars = rows.enumerated().map { index, row in
      Mark.barsAcross(
        [Mark.Point(scaled(row.value), place(index))], thickness: 0.62,
        row.isOwn ? color : grey, labels: [percent(row.value, decimals: 0)])
    }
    let errors = rows.enumerated().compactMap { index, row -> Mark.Interval? in
      guard let low = row.low, let high = row.high else { return nil }
      return Mark.Interval(place(index), scaled(low), scaled(high))
    }
    return Panel(
      title: title, x: .linear(label: "", range: 0...1, ticks: []),
      y: .categories(label: "", rows.map(\.name).reversed()),
      marks: bars + [.errorBarsAcross(errors, .ink)])
  }

  /// The numbers in words.
  var text: String {
    rows.map { "\($0.name) \(percent($0.value, decimals: 0))" }.joined(separator: ", ")
  }
}

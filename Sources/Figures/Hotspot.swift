/// A drawn point with its numbers in words, for showing them under a pointer.
package struct Hotspot: Equatable, Sendable {
  /// Place as fractions of the figure's width and height, from the top left.
  package let x: Double
  package let y: Double
  package let text: String
}

extension Panel {
  /// Every point of the panel, named by its series and axes, with its interval.
  func hotspots(_ plot: Plot, legend: [LegendEntry]) -> [Hotspot] {
    let all = marks.compactMap { mark -> ([Mark.Point], String?)? in
      switch mark {
      case .points(let points, let style): (points, name(of: style, legend))
      case .bars(let bars, _, let color):
        (bars, legend.first { $0.key == .bar && $0.style.color == color }?.label)
      default: nil
      }
    }
    return all.enumerated().flatMap { index, series -> [Hotspot] in
      let (points, name) = series
      return points.map { point in
        let parts = [title.replacing("\n", with: " "), name ?? "", x.text(point.x)]
        let value = y.text(point.y) + intervalText(at: point, band: index)
        return Hotspot(
          x: plot.x(point.x), y: plot.y(point.y),
          text: (parts + [value]).filter { !$0.isEmpty }.joined(separator: " · "))
      }
    }
  }

  /// A series is named in the legend or where it ends.
  private func name(of style: SeriesStyle, _ legend: [LegendEntry]) -> String? {
    legend.first { $0.style == style }?.label
      ?? endLabels.first { $0.color == style.color }?.text
  }

  /// The error bar or band that belongs to a point; bands stand in the order of their series.
  private func intervalText(at point: Mark.Point, band index: Int) -> String {
    var bands = 0
    for mark in marks {
      let intervals: [Mark.Interval]
      switch mark {
      case .errorBars(let bars, _): intervals = bars
      case .band(let band, _):
        bands += 1
        guard bands == index + 1 else { continue }
        intervals = band
      default: continue
      }
      if let own = intervals.first(where: {
        abs($0.x - point.x) < 1e-9 && $0.low <= point.y && point.y <= $0.high
      }) {
        return " [\(y.number(own.low)), \(y.number(own.high))]"
      }
    }
    return ""
  }
}

extension Axis {
  /// A coordinate in words: the name of the axis and the number or category.
  fileprivate func text(_ value: Double) -> String {
    switch self {
    case .hidden:
      return ""
    case .categories(let label, let names):
      let index = Int(value.rounded())
      let name = names.indices.contains(index) ? names[index] : ""
      return label.isEmpty ? name : "\(label) = \(name)"
    case .linear(let label, _, let ticks):
      let tick = ticks?.first { abs($0.at - value) < 1e-9 }
      let text = tick?.text ?? number(value)
      return label.isEmpty ? text : "\(label) = \(text)"
    }
  }

  /// With a thousandth of the axis's range as the last digit.
  fileprivate func number(_ value: Double) -> String {
    let span = range.upperBound - range.lowerBound
    return short(value, span >= 50 ? 1 : span >= 5 ? 2 : 3)
  }
}

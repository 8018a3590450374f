import Figures

/// Many values of one kind drawn so that their distribution is seen: dots where they are few, a
/// histogram where they are many.
enum Distribution {
  /// From so many values on a histogram says more than dots.
  static let fewestForHistogram = 40
  private static let bins = 24

  /// `stroke`: a mean or median to mark; nil for none.
  ///
  /// `center`: where along y; the marks take up to 0.8 around it.
  ///
  /// `range`: of the values' axis.
  static func marks(
    _ values: [Double], stroke: Double?, center: Double, color: Color, range: ClosedRange<Double>
  ) -> [Mark] {
    let shape =
      values.count < fewestForHistogram
      ? Mark.dots(dots(values, center), color)
      : Mark.area(histogram(values, center, range), color.mixed(with: .white, 0.3))
    guard let stroke else { return [shape] }
    return [shape, .ticks([Mark.Point(stroke, center)], height: 0.8, .ink)]
  }

  /// Values that would hide each other are spread over a few heights, always the same ones.
  private static func dots(_ values: [Double], _ center: Double) -> [Mark.Point] {
    let heights = [0, 0.22, -0.22, 0.11, -0.11, 0.3, -0.3]
    return values.sorted().enumerated().map { index, value in
      Mark.Point(value, center + heights[index % heights.count])
    }
  }

  /// The outline of a histogram, as high as 0.8 where it is highest.
  private static func histogram(
    _ values: [Double], _ center: Double, _ range: ClosedRange<Double>
  ) -> [Mark.Interval] {
    let span = max(range.upperBound - range.lowerBound, 1e-12)
    var counts = [Int](repeating: 0, count: bins)
    for value in values {
      let bin = Int((value - range.lowerBound) / span * Double(bins))
      counts[min(max(bin, 0), bins - 1)] += 1
    }
    let most = Double(max(counts.max() ?? 1, 1))
    let base = center - 0.4
    return counts.enumerated().flatMap { bin, count in
      [0, 1].map { edge in
        Mark.Interval(
          range.lowerBound + span * Double(bin + edge) / Double(bins), base,
          base + 0.8 * Double(count) / most)
      }
    }
  }
}

extension AuditResults {
  /// SIS sizes of the audited images that reach τ, as fractions of the image.
  func sizes(_ model: Int, _ threshold: Double) -> [Double] {
    records[model].compactMap { $0.sisSize(threshold).map(fraction) }
  }
}

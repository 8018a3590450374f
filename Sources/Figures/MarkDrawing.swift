import Foundation

/// Data coordinates on paper.
struct Plot {
  let frame: Frame
  private let xRange: ClosedRange<Double>
  private let yRange: ClosedRange<Double>

  init(frame: Frame, x: ClosedRange<Double>, y: ClosedRange<Double>) {
    self.frame = frame
    xRange = x
    yRange = y
  }

  func x(_ value: Double) -> Double {
    let span = max(xRange.upperBound - xRange.lowerBound, 1e-12)
    return frame.x + (value - xRange.lowerBound) / span * frame.width
  }

  func y(_ value: Double) -> Double {
    let span = max(yRange.upperBound - yRange.lowerBound, 1e-12)
    return frame.y + frame.height - (value - yRange.lowerBound) / span * frame.height
  }
}

extension Mark {
  /// Draws one mark by the function of its kind.
  func draw(on canvas: Canvas, _ plot: Plot) {
    switch self {
    case .line(let points, let style):
      canvas.setColor(style.color)
      canvas.stroke(
        points.map { (plot.x($0.x), plot.y($0.y)) }, width: style.lineWidth, dash: style.dash)
    case .band(let intervals, let color):
      canvas.fill(between: intervals, color, opacity: 0.16, plot)
    case .area(let intervals, let color):
      canvas.fill(between: intervals, color, opacity: 0.7, plot)
    case .points(let points, let style):
      canvas.setColor(style.color)
      for point in points { canvas.marker(style, plot.x(point.x), plot.y(point.y)) }
    case .dots(let points, let color):
      canvas.setColor(color, opacity: 0.55)
      for point in points { canvas.fillCircle(plot.x(point.x), plot.y(point.y), radius: 1.9) }
    case .ticks(let points, let height, let color):
      canvas.setColor(color)
      for point in points {
        let x = plot.x(point.x)
        canvas.stroke(
          [(x, plot.y(point.y - height / 2)), (x, plot.y(point.y + height / 2))], width: 2)
      }
    case .errorBars(let intervals, let style): drawErrorBars(canvas, plot, intervals, style)
    case .errorBarsAcross(let intervals, let color):
      drawErrorBarsAcross(canvas, plot, intervals, color)
    case .bars(let points, let width, let color): drawBars(canvas, plot, points, width, color)
    case .barsAcross(let points, let thickness, let color, let labels):
      drawBarsAcross(canvas, plot, points, thickness, color, labels)
    case .rule(let y, let label): drawRule(canvas, plot, y, label)
    case .picture(let image):
      let frame = plot.frame
      canvas.draw(image, frame.x, frame.y, frame.width, frame.height)
      canvas.setColor(.grid)
      canvas.strokeRectangle(frame.x, frame.y, frame.width, frame.height, lineWidth: 0.5)
    case .cells(let rows, let columns, let values, let map, let range, let texts):
      drawCells(canvas, plot.frame, rows, columns, values, map, range, texts)
    }
  }

  /// An end outside the panel is cut, with an arrow that says so.
  private func drawErrorBars(
    _ canvas: Canvas, _ plot: Plot, _ intervals: [Interval], _ style: SeriesStyle
  ) {
    canvas.setColor(style.color)
    let (top, bottom) = (plot.frame.y, plot.frame.y + plot.frame.height)
    for interval in intervals {
      let (x, low, high) = (plot.x(interval.x), plot.y(interval.low), plot.y(interval.high))
      canvas.stroke([(x, min(low, bottom)), (x, max(high, top))], width: 1)
      canvas.end(x, low, isCut: low > bottom + 0.5, at: bottom, pointing: 1)
      canvas.end(x, high, isCut: high < top - 0.5, at: top, pointing: -1)
    }
  }

  private func drawErrorBarsAcross(
    _ canvas: Canvas, _ plot: Plot, _ intervals: [Interval], _ color: Color
  ) {
    canvas.setColor(color)
    for interval in intervals {
      let (y, low, high) = (plot.y(interval.x), plot.x(interval.low), plot.x(interval.high))
      canvas.stroke([(low, y), (high, y)], width: 1)
      for end in [low, high] { canvas.stroke([(end, y - 2), (end, y + 2)], width: 1) }
    }
  }

  private func drawBars(
    _ canvas: Canvas, _ plot: Plot, _ points: [Point], _ width: Double, _ color: Color
  ) {
    canvas.setColor(color)
    for point in points {
      let (left, right) = (plot.x(point.x - width / 2), plot.x(point.x + width / 2))
      let (zero, top) = (plot.y(0), plot.y(point.y))
      canvas.fillRectangle(left, min(zero, top), right - left, abs(zero - top))
    }
  }

  private func drawBarsAcross(
    _ canvas: Canvas, _ plot: Plot, _ points: [Point], _ thickness: Double, _ color: Color,
    _ labels: [String]
  ) {
    for (point, label) in zip(points, labels) {
      let (left, right) = (plot.x(0), plot.x(point.x))
      let (top, bottom) = (plot.y(point.y + thickness / 2), plot.y(point.y - thickness / 2))
      canvas.setColor(color)
      canvas.fillRectangle(left, top, max(right - left, 0.8), bottom - top)
      canvas.text(
        label, x: plot.frame.x + plot.frame.width, y: (top + bottom) / 2 - 5, font: .tick,
        alignment: .right)
    }
  }

  private func drawRule(_ canvas: Canvas, _ plot: Plot, _ y: Double, _ label: String) {
    let at = plot.y(y)
    canvas.setColor(.muted)
    canvas.stroke(
      [(plot.frame.x, at), (plot.frame.x + plot.frame.width, at)], width: 0.8, dash: [3, 2])
    guard !label.isEmpty else { return }
    let right = plot.frame.x + plot.frame.width - 2
    let size = canvas.measure(label, font: .tick)
    // Readable over a bar.
    canvas.setColor(.white, opacity: 0.8)
    canvas.fillRectangle(right - size.width - 1, at - 11, size.width + 2, 10)
    canvas.text(label, x: right, y: at - 11, font: .tick, alignment: .right, color: .muted)
  }

  private func drawCells(
    _ canvas: Canvas, _ frame: Frame, _ rows: Int, _ columns: Int, _ values: [Double?],
    _ map: ColorMap, _ range: ClosedRange<Double>, _ texts: [String]
  ) {
    let span = max(range.upperBound - range.lowerBound, 1e-12)
    let colors = values.map { value in
      value.map { map.color(($0 - range.lowerBound) / span) } ?? .grid
    }
    // Drawn as one image: cells of a vector figure would show seams.
    canvas.draw(
      PixelImage(width: columns, height: rows, pixels: colors), frame.x, frame.y, frame.width,
      frame.height)
    guard texts.count == rows * columns else { return }
    let (width, height) = (frame.width / Double(columns), frame.height / Double(rows))
    for (index, text) in texts.enumerated() where !text.isEmpty {
      let x = frame.x + (Double(index % columns) + 0.5) * width
      let y = frame.y + (Double(index / columns) + 0.5) * height
      canvas.text(
        text, x: x, y: y - 5.5, font: .label, alignment: .center,
        color: colors[index].contrast(with: .ink) > colors[index].contrast(with: .white)
          ? .ink : .white)
    }
  }
}

extension Canvas {
  /// A text that fits a width in one line: what is in its middle gives way.
  func shortened(_ text: String, toWidth most: Double, font: Font) -> String {
    guard measure(text, font: font).width > most else { return text }
    let characters = Array(text)
    var kept = characters.count - 1
    while kept > 2 {
      let head = (kept + 1) / 2
      let short = String(characters.prefix(head)) + "…" + String(characters.suffix(kept - head))
      if measure(short, font: font).width <= most { return short }
      kept -= 1
    }
    return String(characters.prefix(1)) + "…"
  }

  /// Fills what lies between two curves, within the plot.
  fileprivate func fill(
    between intervals: [Mark.Interval], _ color: Color, opacity: Double, _ plot: Plot
  ) {
    save()
    defer { restore() }
    clip(plot.frame.x, plot.frame.y, plot.frame.width, plot.frame.height)
    setColor(color, opacity: opacity)
    let upper = intervals.map { (plot.x($0.x), plot.y($0.high)) }
    let lower = intervals.reversed().map { (plot.x($0.x), plot.y($0.low)) }
    fill(upper + lower)
  }

  /// An end of an interval in the current colour: a short line, or an arrowhead at the edge of the panel
  /// where it lies outside.
  fileprivate func end(
    _ x: Double, _ y: Double, isCut: Bool, at edge: Double, pointing direction: Double
  ) {
    if isCut {
      fill([(x, edge), (x - 3, edge - 5 * direction), (x + 3, edge - 5 * direction)])
    } else {
      stroke([(x - 2, y), (x + 2, y)], width: 1)
    }
  }

  /// Draws a series' marker in the current colour.
  func marker(_ style: SeriesStyle, _ x: Double, _ y: Double) {
    let r = 2.5
    switch style.marker {
    case .none: break
    case .circle: fillCircle(x, y, radius: r)
    case .square: fillRectangle(x - r + 0.2, y - r + 0.2, 2 * r - 0.4, 2 * r - 0.4)
    case .triangle: fill([(x, y - r * 1.2), (x + r * 1.1, y + r), (x - r * 1.1, y + r)])
    case .diamond: fill([(x, y - r * 1.3), (x + r * 1.3, y), (x, y + r * 1.3), (x - r * 1.3, y)])
    case .cross:
      stroke([(x - r, y - r), (x + r, y + r)], width: 1.3)
      stroke([(x - r, y + r), (x + r, y - r)], width: 1.3)
    }
  }
}

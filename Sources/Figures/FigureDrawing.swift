import Foundation

private let tickFont = Canvas.Font(8)
private let noteFont = Canvas.Font(8)
private let labelFont = Canvas.Font(9)
private let titleFont = Canvas.Font(9, bold: true)

extension Figure {
  /// Draws the figure with its top left corner at the canvas's origin.
  ///
  /// - Returns: The points drawn, with their numbers.
  @discardableResult
  package func draw(on canvas: Canvas) -> [Hotspot] {
    let (width, height) = (width * 72, height * 72)
    let legendHeight = drawLegend(canvas, width: width)
    let rows = (panels.count + columns - 1) / columns
    guard rows > 0 else { return [] }
    var hotspots: [Hotspot] = []
    let gap = 8.0
    let panelWidth = (width - gap * Double(columns - 1)) / Double(columns)
    let shares =
      rowShares.flatMap { $0.count == rows ? $0 : nil } ?? .init(repeating: 1, count: rows)
    let room = height - legendHeight - gap * Double(rows - 1)
    var y = legendHeight
    for row in 0..<rows {
      let panelHeight = room * shares[row] / shares.reduce(0, +)
      for column in 0..<columns where row * columns + column < panels.count {
        let panel = panels[row * columns + column]
        let plot = panel.draw(
          on: canvas,
          Frame(
            x: Double(column) * (panelWidth + gap), y: y, width: panelWidth,
            height: panelHeight))
        hotspots += panel.hotspots(plot, legend: legend)
      }
      y += panelHeight + gap
    }
    return hotspots.map { Hotspot(x: $0.x / width, y: $0.y / height, text: $0.text) }
  }

  /// Lays legend entries in centred rows at the top.
  private func drawLegend(_ canvas: Canvas, width: Double) -> Double {
    guard !legend.isEmpty else { return 0 }
    let key = 22.0
    let entries = legend.map { entry in
      let label = canvas.shortened(entry.label, toWidth: width * 0.45, font: labelFont)
      let short = LegendEntry(label, entry.style, key: entry.key)
      return (short, key + 4 + canvas.measure(label, font: labelFont).width + 14)
    }
    var rows: [[(LegendEntry, Double)]] = [[]]
    for entry in entries {
      let used = rows[rows.count - 1].reduce(0) { $0 + $1.1 }
      if used > 0, used + entry.1 > width { rows.append([]) }
      rows[rows.count - 1].append(entry)
    }
    for (index, row) in rows.enumerated() {
      var x = (width - row.reduce(0) { $0 + $1.1 } + 14) / 2
      let y = Double(index) * 13 + 7
      for (entry, extent) in row {
        canvas.setColor(entry.style.color)
        switch entry.key {
        case .line:
          canvas.stroke([(x, y), (x + key, y)], width: 1.5, dash: entry.style.dash)
          canvas.marker(entry.style, x + key / 2, y)
        case .bar: canvas.fillRectangle(x + key - 10, y - 4, 10, 8)
        }
        canvas.text(entry.label, x: x + key + 4, y: y - 5.5, font: labelFont)
        x += extent
      }
    }
    return Double(rows.count) * 13 + 6
  }
}

/// A rectangle in points.
struct Frame {
  var x: Double
  var y: Double
  var width: Double
  var height: Double
}

extension Panel {
  /// - Returns: Where data coordinates came to lie.
  func draw(on canvas: Canvas, _ outer: Frame) -> Plot {
    var frame = outer
    let title = title.split(separator: "\n").map {
      canvas.shortened(String($0), toWidth: outer.width, font: titleFont)
    }.joined(separator: "\n")
    if !title.isEmpty {
      let height = canvas.measure(title, font: titleFont, width: outer.width).height
      canvas.text(
        title, x: outer.x, y: outer.y, font: titleFont, width: outer.width, alignment: .center)
      frame.y += height + 3
      frame.height -= height + 3
    }
    if !note.isEmpty {
      let height = canvas.measure(note, font: noteFont, width: outer.width).height
      frame.height -= height + 2
      let side = min(frame.width, frame.height)
      canvas.text(
        note, x: outer.x, y: frame.y + side + 2, font: noteFont, width: outer.width,
        alignment: .center, color: .muted)
    }
    let xTicks = x.ticks(length: frame.width / 45)
    // Long names leave room for what they name.
    let yTicks = y.ticks(length: frame.height / 28).map { tick in
      Axis.Tick(
        tick.at, canvas.shortened(tick.text, toWidth: outer.width * 0.38, font: tickFont))
    }
    reserveAxes(canvas, &frame, xTicks, yTicks)
    reserveEndLabels(canvas, &frame)
    if let colorBar { drawColorBar(colorBar, canvas, &frame) }
    if case .hidden = x { fitPicture(&frame) }
    let plot = Plot(frame: frame, x: x.range, y: y.range)
    drawGrid(canvas, plot, yTicks)
    canvas.save()
    canvas.clip(frame.x - 1, frame.y - 4, frame.width + 2, frame.height + 8)
    for mark in marks { mark.draw(on: canvas, plot) }
    canvas.restore()
    drawAxes(canvas, plot, outer, xTicks, yTicks)
    drawEndLabels(canvas, plot)
    return plot
  }

  private func reserveEndLabels(_ canvas: Canvas, _ frame: inout Frame) {
    guard !endLabels.isEmpty else { return }
    let widest = endLabels.map { canvas.measure($0.text, font: tickFont).width }.max() ?? 0
    frame.width -= min(widest + 4, frame.width * 0.45)
  }

  /// Names at the right of the plot, as near to their points as they can be without touching.
  private func drawEndLabels(_ canvas: Canvas, _ plot: Plot) {
    let spacing = 9.5
    let (top, bottom) = (plot.frame.y, plot.frame.y + plot.frame.height)
    let sorted = endLabels.map { ($0, plot.y($0.y)) }.sorted { $0.1 < $1.1 }
    var places = sorted.map(\.1)
    for index in places.indices.dropFirst() {
      places[index] = max(places[index], places[index - 1] + spacing)
    }
    // What the lowest exceeds, all above it give.
    if let last = places.indices.last {
      places[last] = min(places[last], bottom - 4)
      for index in places.indices.dropLast().reversed() {
        places[index] = max(min(places[index], places[index + 1] - spacing), top)
      }
    }
    for ((label, _), y) in zip(sorted, places) {
      canvas.text(
        label.text, x: plot.frame.x + plot.frame.width + 4, y: y - 5, font: tickFont,
        color: label.color.mixed(with: .black, 0.25))
    }
  }

  /// Makes room for tick texts and labels.
  private func reserveAxes(
    _ canvas: Canvas, _ frame: inout Frame, _ xTicks: [Axis.Tick], _ yTicks: [Axis.Tick]
  ) {
    if !yTicks.isEmpty {
      let widest = yTicks.map { canvas.measure($0.text, font: tickFont).width }.max() ?? 0
      let left = widest + 5 + (y.label.isEmpty ? 0 : 14)
      frame.x += left
      frame.width -= left + 8
      frame.y += 4
      frame.height -= 4
    }
    if yTicks.isEmpty, !xTicks.isEmpty {
      // Half of the first and last tick's text.
      frame.x += 5
      frame.width -= 10
    }
    if !xTicks.isEmpty {
      frame.height -= tickHeight(canvas, xTicks, frame) + 3 + (x.label.isEmpty ? 0 : 13)
    }
  }

  /// What tick texts take below the axis: names of categories wrap in their slots.
  private func tickHeight(_ canvas: Canvas, _ ticks: [Axis.Tick], _ frame: Frame) -> Double {
    let widest = ticks.map { canvas.measure($0.text, font: tickFont).width }.max() ?? 0
    if namesStandUpright(frame, widest) { return min(widest, Panel.mostUpright) }
    let slot = widest <= Panel.mostNumber ? nil : slotWidth(frame)
    return ticks.map {
      canvas.measure(wrapped($0.text, canvas, slot), font: tickFont, width: slot).height
    }.max() ?? 0
  }

  /// The length of names that read upwards, in points.
  private static let mostUpright = 64.0

  /// Whether names of categories have so little room that they read upwards.
  private func namesStandUpright(_ frame: Frame, _ widest: Double) -> Bool {
    slotWidth(frame).map { $0 < 26 && widest > max($0, Panel.mostNumber) } ?? false
  }

  /// The width of a short number, in points: such names do not turn, some are left out.
  private static let mostNumber = 14.0

  /// A name that takes three lines of a slot at most.
  private func wrapped(_ name: String, _ canvas: Canvas, _ slot: Double?) -> String {
    slot.map { canvas.shortened(name, toWidth: $0 * 2.4, font: tickFont) } ?? name
  }

  /// The width each category has; nil on an axis of numbers.
  private func slotWidth(_ frame: Frame) -> Double? {
    guard case .categories(_, let names) = x, !names.isEmpty else { return nil }
    return frame.width / Double(names.count) - 2
  }

  /// Keeps pixels square.
  private func fitPicture(_ frame: inout Frame) {
    var ratio: Double?
    for mark in marks {
      if case .picture(let image) = mark { ratio = Double(image.width) / Double(image.height) }
      if case .cells(let rows, let columns, _, _, _, _) = mark {
        ratio = Double(columns) / Double(rows)
      }
    }
    guard let ratio else { return }
    let width = min(frame.width, frame.height * ratio)
    let height = width / ratio
    frame.x += (frame.width - width) / 2
    frame.width = width
    frame.height = height
  }

  private func drawColorBar(_ bar: ColorBar, _ canvas: Canvas, _ frame: inout Frame) {
    let ticks = roundTicks(bar.range, count: 4)
    let widest = ticks.map { canvas.measure($0.text, font: tickFont).width }.max() ?? 0
    let thickness = 7.0
    // The texts of the lowest and highest tick reach beyond the bar.
    frame.y += 5
    frame.height -= 10
    frame.width -= thickness + widest + 25
    var pictured = frame
    if case .hidden = x { fitPicture(&pictured) }
    let left = pictured.x + pictured.width + 5
    let steps = 64
    for step in 0..<steps {
      let share = (Double(step) + 0.5) / Double(steps)
      canvas.setColor(bar.map.color(1 - share))
      canvas.fillRectangle(
        left, pictured.y + pictured.height * Double(step) / Double(steps), thickness,
        pictured.height / Double(steps) + 0.3)
    }
    let span = bar.range.upperBound - bar.range.lowerBound
    for tick in ticks where span > 0 {
      let y = pictured.y + pictured.height * (1 - (tick.at - bar.range.lowerBound) / span)
      canvas.text(tick.text, x: left + thickness + 3, y: y - 5, font: tickFont, color: .muted)
    }
    canvas.verticalText(
      bar.label, x: left + thickness + widest + 12, y: pictured.y + pictured.height / 2,
      font: tickFont, color: .muted)
    frame.x = pictured.x
    frame.width = pictured.width
  }

  private func drawGrid(_ canvas: Canvas, _ plot: Plot, _ yTicks: [Axis.Tick]) {
    guard case .linear = y else { return }
    canvas.setColor(.grid)
    for tick in yTicks {
      let at = plot.y(tick.at)
      canvas.stroke([(plot.frame.x, at), (plot.frame.x + plot.frame.width, at)], width: 0.6)
    }
  }

  private func drawAxes(
    _ canvas: Canvas, _ plot: Plot, _ outer: Frame, _ xTicks: [Axis.Tick], _ yTicks: [Axis.Tick]
  ) {
    let frame = plot.frame
    let bottom = frame.y + frame.height
    if !xTicks.isEmpty, !isMatrix {
      canvas.setColor(.muted)
      canvas.stroke([(frame.x, bottom), (frame.x + frame.width, bottom)], width: 0.8)
    }
    let widest = xTicks.map { canvas.measure($0.text, font: tickFont).width }.max() ?? 0
    // Numbers wider than their slots are drawn as on an axis of numbers.
    let areNumbers = widest <= Panel.mostNumber && slotWidth(frame).map { $0 < widest } ?? false
    let slot = areNumbers ? nil : slotWidth(frame)
    let areUpright = namesStandUpright(frame, widest)
    for tick in slot == nil ? legible(xTicks, canvas, plot) : xTicks {
      if areUpright {
        let name = canvas.shortened(tick.text, toWidth: Panel.mostUpright, font: tickFont)
        canvas.verticalText(
          name, x: plot.x(tick.at),
          y: bottom + 3 + canvas.measure(name, font: tickFont).width / 2, font: tickFont,
          color: .muted)
      } else {
        canvas.text(
          wrapped(tick.text, canvas, slot), x: plot.x(tick.at) - (slot ?? 0) / 2, y: bottom + 3,
          font: tickFont, width: slot, alignment: .center, color: .muted)
      }
    }
    if !x.label.isEmpty {
      canvas.text(
        x.label, x: frame.x + frame.width / 2,
        y: bottom + 3 + tickHeight(canvas, xTicks, frame), font: labelFont, alignment: .center)
    }
    for tick in yTicks {
      canvas.text(
        tick.text, x: frame.x - 4, y: plot.y(tick.at) - 5, font: tickFont, alignment: .right,
        color: .muted)
    }
    if !y.label.isEmpty {
      canvas.verticalText(
        y.label, x: outer.x + 5, y: frame.y + frame.height / 2, font: labelFont)
    }
  }

  /// Ticks whose texts do not run into each other; of two that would, the last one stays.
  private func legible(_ ticks: [Axis.Tick], _ canvas: Canvas, _ plot: Plot) -> [Axis.Tick] {
    var kept: [Axis.Tick] = []
    var limit = Double.infinity
    for tick in ticks.reversed() {
      let half = canvas.measure(tick.text, font: tickFont).width / 2
      guard plot.x(tick.at) + half <= limit else { continue }
      kept.append(tick)
      limit = plot.x(tick.at) - half - 3
    }
    return kept.reversed()
  }

  var isMatrix: Bool {
    marks.contains { if case .cells = $0 { true } else { false } }
  }
}

extension Axis {
  /// Data coordinates at both ends.
  var range: ClosedRange<Double> {
    switch self {
    case .hidden: 0...1
    case .linear(_, let range, _): range
    case .categories(_, let names): -0.5...(Double(max(names.count, 1)) - 0.5)
    }
  }

  var label: String {
    switch self {
    case .hidden: ""
    case .linear(let label, _, _), .categories(let label, _): label
    }
  }

  /// `length`: about how many ticks have room.
  func ticks(length: Double) -> [Tick] {
    switch self {
    case .hidden: []
    case .linear(_, let range, let ticks): ticks ?? roundTicks(range, count: max(2, Int(length)))
    case .categories(_, let names): names.enumerated().map { Tick(Double($0), $1) }
    }
  }
}

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
  func draw(on canvas: Canvas, _ plot: Plot) {
    switch self {
    case .line(let points, let style):
      canvas.setColor(style.color)
      canvas.stroke(
        points.map { (plot.x($0.x), plot.y($0.y)) }, width: style.lineWidth, dash: style.dash)
    case .band(let intervals, let color):
      canvas.save()
      canvas.clip(plot.frame.x, plot.frame.y, plot.frame.width, plot.frame.height)
      defer { canvas.restore() }
      canvas.setColor(color, opacity: 0.16)
      let upper = intervals.map { (plot.x($0.x), plot.y($0.high)) }
      let lower = intervals.reversed().map { (plot.x($0.x), plot.y($0.low)) }
      canvas.fill(upper + lower)
    case .points(let points, let style):
      canvas.setColor(style.color)
      for point in points { canvas.marker(style, plot.x(point.x), plot.y(point.y)) }
    case .errorBars(let intervals, let style):
      canvas.setColor(style.color)
      for interval in intervals {
        let (x, low, high) = (plot.x(interval.x), plot.y(interval.low), plot.y(interval.high))
        let (top, bottom) = (plot.frame.y, plot.frame.y + plot.frame.height)
        canvas.stroke([(x, min(low, bottom)), (x, max(high, top))], width: 1)
        // An end outside the panel is cut, with an arrow that says so.
        canvas.end(x, low, isCut: low > bottom + 0.5, at: bottom, pointing: 1)
        canvas.end(x, high, isCut: high < top - 0.5, at: top, pointing: -1)
      }
    case .bars(let points, let width, let color):
      canvas.setColor(color)
      for point in points {
        let (left, right) = (plot.x(point.x - width / 2), plot.x(point.x + width / 2))
        let (zero, top) = (plot.y(0), plot.y(point.y))
        canvas.fillRectangle(left, min(zero, top), right - left, abs(zero - top))
      }
    case .barsAcross(let bars, let thickness, let color, let labels):
      for (bar, label) in zip(bars, labels) {
        let (left, right) = (plot.x(0), plot.x(bar.x))
        let (top, bottom) = (plot.y(bar.y + thickness / 2), plot.y(bar.y - thickness / 2))
        canvas.setColor(color)
        canvas.fillRectangle(left, top, max(right - left, 0.8), bottom - top)
        canvas.text(
          label, x: plot.frame.x + plot.frame.width, y: (top + bottom) / 2 - 5, font: tickFont,
          alignment: .right)
      }
    case .errorBarsAcross(let intervals, let color):
      canvas.setColor(color)
      for interval in intervals {
        let (y, low, high) = (plot.y(interval.x), plot.x(interval.low), plot.x(interval.high))
        canvas.stroke([(low, y), (high, y)], width: 1)
        for end in [low, high] { canvas.stroke([(end, y - 2), (end, y + 2)], width: 1) }
      }
    case .dots(let points, let color):
      for point in points {
        canvas.setColor(color, opacity: 0.55)
        canvas.fillCircle(plot.x(point.x), plot.y(point.y), radius: 1.9)
      }
    case .area(let intervals, let color):
      canvas.setColor(color, opacity: 0.7)
      let upper = intervals.map { (plot.x($0.x), plot.y($0.high)) }
      let lower = intervals.reversed().map { (plot.x($0.x), plot.y($0.low)) }
      canvas.fill(upper + lower)
    case .ticks(let points, let height, let color):
      canvas.setColor(color)
      for point in points {
        let x = plot.x(point.x)
        canvas.stroke(
          [(x, plot.y(point.y - height / 2)), (x, plot.y(point.y + height / 2))], width: 2)
      }
    case .rule(let y, let label):
      let at = plot.y(y)
      canvas.setColor(.muted)
      canvas.stroke(
        [(plot.frame.x, at), (plot.frame.x + plot.frame.width, at)], width: 0.8, dash: [3, 2])
      guard !label.isEmpty else { break }
      let right = plot.frame.x + plot.frame.width - 2
      let size = canvas.measure(label, font: tickFont)
      // Readable over a bar.
      canvas.setColor(.white, opacity: 0.8)
      canvas.fillRectangle(right - size.width - 1, at - 11, size.width + 2, 10)
      canvas.text(label, x: right, y: at - 11, font: tickFont, alignment: .right, color: .muted)
    case .picture(let image):
      let frame = plot.frame
      canvas.draw(image, frame.x, frame.y, frame.width, frame.height)
      canvas.setColor(.grid)
      canvas.strokeRectangle(frame.x, frame.y, frame.width, frame.height, lineWidth: 0.5)
    case .cells(let rows, let columns, let values, let map, let range, let texts):
      drawCells(canvas, plot.frame, rows, columns, values, map, range, texts)
    }
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
        text, x: x, y: y - 5.5, font: labelFont, alignment: .center,
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

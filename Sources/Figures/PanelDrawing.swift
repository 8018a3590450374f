/// A rectangle in points.
struct Frame {
  var x: Double
  var y: Double
  var width: Double
  var height: Double
}

extension Panel {
  /// The title as it is drawn: long lines take two, and what is in their middle gives way.
  private func titleText(_ canvas: Canvas, width: Double) -> String {
    title.split(separator: "\n").map {
      canvas.shortened(String($0), toWidth: width * 1.8, font: .title)
    }.joined(separator: "\n")
  }

  /// What the title takes, in points.
  func titleHeight(_ canvas: Canvas, width: Double) -> Double {
    let text = titleText(canvas, width: width)
    return text.isEmpty ? 0 : canvas.measure(text, font: .title, width: width).height + 3
  }

  /// `titleHeight`: of the highest title beside it, so that plots of a row begin alike.
  ///
  /// - Returns: Where data coordinates came to lie.
  func draw(on canvas: Canvas, _ outer: Frame, titleHeight: Double) -> Plot {
    var frame = outer
    canvas.text(
      titleText(canvas, width: outer.width), x: outer.x, y: outer.y, font: .title,
      width: outer.width, alignment: .center)
    frame.y += titleHeight
    frame.height -= titleHeight
    if !note.isEmpty {
      let height = canvas.measure(note, font: .note, width: outer.width).height
      frame.height -= height + 2
      let side = min(frame.width, frame.height)
      canvas.text(
        note, x: outer.x, y: frame.y + side + 2, font: .note, width: outer.width,
        alignment: .center, color: .muted)
    }
    let xTicks = x.ticks(length: frame.width / 45)
    // Long names leave room for what they name.
    let yTicks = y.ticks(length: frame.height / 28).map { tick in
      Axis.Tick(
        tick.at, canvas.shortened(tick.text, toWidth: outer.width * 0.42, font: .tick))
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
    let widest = endLabels.map { canvas.measure($0.text, font: .tick).width }.max() ?? 0
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
        label.text, x: plot.frame.x + plot.frame.width + 4, y: y - 5, font: .tick,
        color: label.color.mixed(with: .black, 0.25))
    }
  }

  /// Makes room for tick texts and labels.
  private func reserveAxes(
    _ canvas: Canvas, _ frame: inout Frame, _ xTicks: [Axis.Tick], _ yTicks: [Axis.Tick]
  ) {
    if !yTicks.isEmpty {
      let widest = yTicks.map { canvas.measure($0.text, font: .tick).width }.max() ?? 0
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
    let widest = ticks.map { canvas.measure($0.text, font: .tick).width }.max() ?? 0
    if namesStandUpright(frame, widest) { return min(widest, Panel.mostUpright) }
    let slot = widest <= Panel.mostNumber ? nil : slotWidth(frame)
    return ticks.map {
      canvas.measure(wrapped($0.text, canvas, slot), font: .tick, width: slot).height
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
    slot.map { canvas.shortened(name, toWidth: $0 * 2.4, font: .tick) } ?? name
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
    let widest = ticks.map { canvas.measure($0.text, font: .tick).width }.max() ?? 0
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
      canvas.text(tick.text, x: left + thickness + 3, y: y - 5, font: .tick, color: .muted)
    }
    canvas.verticalText(
      bar.label, x: left + thickness + widest + 12, y: pictured.y + pictured.height / 2,
      font: .tick, color: .muted)
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
    let widest = xTicks.map { canvas.measure($0.text, font: .tick).width }.max() ?? 0
    // Numbers wider than their slots are drawn as on an axis of numbers.
    let areNumbers = widest <= Panel.mostNumber && slotWidth(frame).map { $0 < widest } ?? false
    let slot = areNumbers ? nil : slotWidth(frame)
    let areUpright = namesStandUpright(frame, widest)
    for tick in slot == nil ? legible(xTicks, canvas, plot) : xTicks {
      if areUpright {
        let name = canvas.shortened(tick.text, toWidth: Panel.mostUpright, font: .tick)
        canvas.verticalText(
          name, x: plot.x(tick.at),
          y: bottom + 3 + canvas.measure(name, font: .tick).width / 2, font: .tick,
          color: .muted)
      } else {
        canvas.text(
          wrapped(tick.text, canvas, slot), x: plot.x(tick.at) - (slot ?? 0) / 2, y: bottom + 3,
          font: .tick, width: slot, alignment: .center, color: .muted)
      }
    }
    if !x.label.isEmpty {
      canvas.text(
        x.label, x: frame.x + frame.width / 2,
        y: bottom + 3 + tickHeight(canvas, xTicks, frame), font: .label, alignment: .center)
    }
    for tick in yTicks {
      canvas.text(
        tick.text, x: frame.x - 4, y: plot.y(tick.at) - 5, font: .tick, alignment: .right,
        color: .muted)
    }
    if !y.label.isEmpty {
      canvas.verticalText(
        y.label, x: outer.x + 5, y: frame.y + frame.height / 2, font: .label)
    }
  }

  /// Ticks whose texts do not run into each other; of two that would, the last one stays.
  private func legible(_ ticks: [Axis.Tick], _ canvas: Canvas, _ plot: Plot) -> [Axis.Tick] {
    var kept: [Axis.Tick] = []
    var limit = Double.infinity
    for tick in ticks.reversed() {
      let half = canvas.measure(tick.text, font: .tick).width / 2
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

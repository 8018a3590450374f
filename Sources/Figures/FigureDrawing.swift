import Foundation

/// Type of figures, the same at every width.
extension Canvas.Font {
  static let tick = Canvas.Font(8)
  static let note = Canvas.Font(8)
  static let label = Canvas.Font(9)
  static let title = Canvas.Font(9, bold: true)
}

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
      let titleHeight =
        panels[row * columns..<min((row + 1) * columns, panels.count)]
        .map { $0.titleHeight(canvas, width: panelWidth) }.max() ?? 0
      for column in 0..<columns where row * columns + column < panels.count {
        let panel = panels[row * columns + column]
        let plot = panel.draw(
          on: canvas,
          Frame(
            x: Double(column) * (panelWidth + gap), y: y, width: panelWidth,
            height: panelHeight), titleHeight: titleHeight)
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
      let label = canvas.shortened(entry.label, toWidth: width * 0.45, font: .label)
      let short = LegendEntry(label, entry.style, key: entry.key)
      return (short, key + 4 + canvas.measure(label, font: .label).width + 14)
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
        canvas.text(entry.label, x: x + key + 4, y: y - 5.5, font: .label)
        x += extent
      }
    }
    return Double(rows.count) * 13 + 6
  }
}

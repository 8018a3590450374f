import Figures

/// Tables, which go on over pages with their head repeated.
extension PageFlow {
  private static let head = Canvas.Font(8, bold: true)

  /// Lower tables are not parted, in points.
  private static let mostWhole = 110.0

  /// Of the head and the rows that stay with it.
  func leastHeight(of table: Table) -> Double {
    let widths = columnWidths(table)
    let head = rowHeight(table.columns.map(\.title), widths, PageFlow.head) + 10
    let rows = table.rows.map { rowHeight($0.map(\.fullText), widths, PageFlow.small) + 5 }
    let whole = head + rows.reduce(0, +)
    return whole <= PageFlow.mostWhole ? whole : head + rows.prefix(2).reduce(0, +)
  }

  private func rowHeight(_ texts: [String], _ widths: [Double], _ font: Canvas.Font) -> Double {
    zip(texts, widths).map { canvas.measure($0, font: font, width: $1 - 8).height }.max() ?? 0
  }

  func layOut(_ table: Table) {
    let widths = columnWidths(table)
    let headHeight = rowHeight(table.columns.map(\.title), widths, PageFlow.head)
    // A table that goes on has an element, and a head, on each page.
    var rows = table.rows.map { ($0, rowHeight($0.map(\.fullText), widths, PageFlow.small)) }[...]
    need(leastHeight(of: table))
    while !rows.isEmpty {
      pdf.element("Table") {
        drawHead(table, widths, headHeight)
        repeat {
          guard let (row, height) = rows.popFirst() else { break }
          draw(row, table, widths, height)
        } while rows.first.map { y + $0.1 <= bottom } ?? false
      }
      if !rows.isEmpty { endPage() }
    }
    if !table.caption.isEmpty {
      y += 2
      paragraph(table.caption, PageFlow.small, color: .muted, tag: "Caption")
    }
  }

  private func drawHead(_ table: Table, _ widths: [Double], _ height: Double) {
    pdf.element("TR") {
      var x = left
      for (column, columnWidth) in zip(table.columns, widths) {
        pdf.element("TH") {
          canvas.text(
            column.title, x: x + 4, y: y, font: PageFlow.head, width: columnWidth - 8,
            alignment: column.isNumeric ? .right : .left)
        }
        x += columnWidth
      }
    }
    y += height + 2
    canvas.setColor(.ink)
    canvas.stroke([(left, y), (left + widths.reduce(0, +), y)], width: 0.8)
    y += 3
  }

  private func draw(_ row: [Table.Cell], _ table: Table, _ widths: [Double], _ height: Double) {
    pdf.element("TR") {
      var x = left
      for (index, cell) in row.enumerated() {
        pdf.element("TD") { draw(cell, table.columns[index], x: x, width: widths[index]) }
        x += widths[index]
      }
    }
    y += height + 2
    canvas.setColor(.grid)
    canvas.stroke([(left, y), (left + widths.reduce(0, +), y)], width: 0.5)
    y += 2.5
  }

  private func draw(_ cell: Table.Cell, _ column: Table.Column, x: Double, width: Double) {
    let link = cell.link.flatMap { destinations.contains($0) ? $0 : nil }
    let color = link == nil ? cell.status?.color ?? .ink : Color(0x005a8d)
    let draw = {
      _ = self.canvas.text(
        cell.fullText, x: x + 4, y: self.y, font: PageFlow.small, width: width - 8,
        alignment: column.isNumeric ? .right : .left, color: color)
    }
    if let link { pdf.link(to: link, draw) } else { draw() }
  }

  /// Words longer than this are broken.
  private static let longestWord = 90.0

  /// Natural widths; when they exceed the page, the widest columns give way, down to their longest word.
  private func columnWidths(_ table: Table) -> [Double] {
    func widest(_ texts: [String], _ font: Canvas.Font) -> Double {
      texts.map { canvas.measure($0, font: font).width }.max() ?? 0
    }
    func words(_ texts: [String]) -> [String] {
      Array(Set(texts.flatMap { $0.split(separator: " ").map(String.init) }))
    }
    var (widths, least): ([Double], [Double]) = ([], [])
    for (index, column) in table.columns.enumerated() {
      let cells = table.rows.map { $0[index].fullText }
      widths.append(max(widest([column.title], PageFlow.head), widest(cells, PageFlow.small)) + 12)
      let word = max(
        widest(words([column.title]), PageFlow.head), widest(words(cells), PageFlow.small))
      least.append(min(word, PageFlow.longestWord) + 12)
    }
    var excess = widths.reduce(0, +) - width
    while excess > 0.5 {
      let open = widths.indices.filter { widths[$0] > least[$0] + 0.01 }
      guard let widest = open.map({ widths[$0] }).max() else { break }
      let members = open.filter { widths[$0] >= widest - 0.01 }
      let next = open.map { widths[$0] }.filter { $0 < widest - 0.01 }.max() ?? 0
      let floor = members.map { least[$0] }.max() ?? 0
      let cut = min(widest - max(next, floor), excess / Double(members.count))
      for index in members { widths[index] -= cut }
      excess -= cut * Double(members.count)
      if cut <= 0.01 { break }
    }
    // Where even that is too wide, all give way alike.
    let total = widths.reduce(0, +)
    return total > width + 0.5 ? widths.map { $0 * width / total } : widths
  }
}

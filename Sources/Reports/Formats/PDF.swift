import Figures
import Foundation

/// A report as PDF: vector figures, outline, links from the verdict to its evidence, page numbers.
package enum PDF {
  /// - Throws: `FigureError`.
  package static func render(_ document: Document) throws -> Data {
    // The first pass counts pages, so that the second can say "page 2 of 9".
    let counted = PageFlow(document, totalPages: nil)
    counted.layOut()
    let flow = PageFlow(document, totalPages: counted.page - 1)
    flow.layOut()
    return try flow.pdf.finish()
  }
}

/// Lays blocks down pages.
private final class PageFlow {
  let pdf: PDFDocument
  private(set) var page = 1

  private let document: Document
  private let totalPages: Int?
  private let margin = 54.0
  private var y = 54.0

  private var canvas: Canvas { pdf.canvas }
  private var width: Double { PDFDocument.pageWidth - 2 * margin }
  private var bottom: Double { PDFDocument.pageHeight - margin - 14 }

  private static let body = Canvas.Font(9.5)
  private static let small = Canvas.Font(8)

  init(_ document: Document, totalPages: Int?) {
    self.document = document
    self.totalPages = totalPages
    pdf = PDFDocument(
      title: document.title, author: "overinterp", date: document.date,
      language: document.language)
  }

  func layOut() {
    pdf.element("H1") {
      y += canvas.text(
        document.title, x: margin, y: y, font: Canvas.Font(20, bold: true), width: width)
    }
    y += 4
    pdf.element("P") {
      y += canvas.text(
        document.subtitle, x: margin, y: y, font: PageFlow.body, width: width, color: .muted)
    }
    y += 12
    for section in document.sections { layOut(section) }
    endPage()
  }

  private func layOut(_ section: Section) {
    need(46 + leadingHeight(section))
    y += 6
    pdf.addDestination(section.id, y: y - 6)
    pdf.addOutline(section.title, destination: section.id)
    pdf.element("H2") {
      y += canvas.text(
        section.title, x: margin, y: y, font: Canvas.Font(13.5, bold: true), width: width)
    }
    y += 3
    canvas.setColor(Color(0x0072b2))
    canvas.fillRectangle(margin, y, 28, 1.6)
    y += 8
    for (index, block) in section.blocks.enumerated() {
      layOut(block, followedByMore: index + 1 < section.blocks.count)
    }
    y += 8
  }

  /// What should stand on the page of the heading: everything up to the first figure, when that is
  /// near, so that a heading is never parted from what it announces.
  private func leadingHeight(_ section: Section) -> Double {
    var height = 0.0
    for block in section.blocks.prefix(3) {
      switch block {
      case .paragraph(let text):
        height += canvas.measure(text, font: PageFlow.body, width: width).height + 7
      case .finding(let finding):
        height += canvas.measure(finding.text, font: PageFlow.body, width: width - 20).height + 28
      case .figure(let figure):
        return min(height + extent(of: figure).total, bottom - margin - 60)
      case .imageGrid(let grid):
        return min(height + extent(of: grid.figure()).total, bottom - margin - 60)
      case .table:
        return height + 70
      }
    }
    return max(height, 60)
  }

  /// Size on the page, at most its width and height.
  private func extent(of figure: Figure) -> (scale: Double, height: Double, total: Double) {
    let (figureWidth, figureHeight) = (figure.width * 72, figure.height * 72)
    let scale = min(1, width / figureWidth, (bottom - margin - 60) / figureHeight)
    let caption = canvas.measure(figure.caption, font: PageFlow.small, width: width - 30).height
    return (scale, figureHeight * scale, figureHeight * scale + caption + 10)
  }

  private func layOut(_ block: Block, followedByMore: Bool) {
    switch block {
    case .paragraph(let text):
      paragraph(text, PageFlow.body)
    case .finding(let finding):
      layOut(finding)
    case .table(let table):
      layOut(table)
    case .figure(let figure):
      layOut(figure)
    case .imageGrid(let grid):
      layOut(grid.figure())
    }
    if followedByMore { y += 7 }
  }

  private func paragraph(
    _ text: String, _ font: Canvas.Font, color: Color = .ink, tag: String = "P"
  ) {
    need(canvas.measure(text, font: font, width: width).height)
    pdf.element(tag) {
      y += canvas.text(text, x: margin, y: y, font: font, width: width, color: color)
    }
  }

  private func layOut(_ finding: Finding) {
    let font = Canvas.Font(10, bold: true)
    let text = finding.status.glyph + "  " + finding.spelledOut
    let height = canvas.measure(text, font: font, width: width - 20).height
    need(height + 14)
    canvas.setColor(finding.status.tint)
    canvas.fillRectangle(margin, y, width, height + 12)
    canvas.setColor(finding.status.color)
    canvas.fillRectangle(margin, y, 3, height + 12)
    pdf.element("P") {
      canvas.text(text, x: margin + 12, y: y + 6, font: font, width: width - 20)
    }
    y += height + 14
  }

  private func layOut(_ figure: Figure) {
    let (scale, figureHeight, total) = extent(of: figure)
    need(total)
    canvas.save()
    canvas.translate(margin + (width - figure.width * 72 * scale) / 2, y)
    canvas.scale(scale)
    pdf.figure(alternative: figure.altText) { figure.draw(on: canvas) }
    canvas.restore()
    y += figureHeight + 6
    pdf.element("Caption") {
      y += canvas.text(
        figure.caption, x: margin + 15, y: y, font: PageFlow.small, width: width - 30,
        color: .muted)
    }
    y += 4
  }

  // MARK: Tables

  private func layOut(_ table: Table) {
    let font = Canvas.Font(8.5)
    let headFont = Canvas.Font(8.5, bold: true)
    let widths = columnWidths(table, font, headFont)
    func rowHeight(_ texts: [String], _ font: Canvas.Font) -> Double {
      zip(texts, widths).map { canvas.measure($0, font: font, width: $1 - 8).height }.max() ?? 0
    }
    func drawHead() {
      let height = rowHeight(table.columns.map(\.title), headFont)
      pdf.element("TR") {
        var x = margin
        for (column, columnWidth) in zip(table.columns, widths) {
          pdf.element("TH") {
            canvas.text(
              column.title, x: x + 4, y: y, font: headFont, width: columnWidth - 8,
              alignment: column.isNumeric ? .right : .left)
          }
          x += columnWidth
        }
      }
      y += height + 3
      canvas.setColor(.ink)
      canvas.stroke([(margin, y), (margin + widths.reduce(0, +), y)], width: 0.8)
      y += 4
    }
    func drawRow(_ row: [Table.Cell], _ height: Double) {
      pdf.element("TR") {
        var x = margin
        for (index, cell) in row.enumerated() {
          pdf.element("TD") {
            draw(cell, table.columns[index], x: x, width: widths[index], font: font)
          }
          x += widths[index]
        }
      }
      y += height + 3
      canvas.setColor(.grid)
      canvas.stroke([(margin, y), (margin + widths.reduce(0, +), y)], width: 0.5)
      y += 3
    }
    need(rowHeight(table.columns.map(\.title), headFont) + 40)
    // A table that goes on has an element, and a head, on each page.
    var rows = table.rows.map { ($0, rowHeight($0.map(\.fullText), font)) }[...]
    while !rows.isEmpty {
      pdf.element("Table") {
        drawHead()
        repeat {
          guard let (row, height) = rows.popFirst() else { break }
          drawRow(row, height)
        } while rows.first.map { y + $0.1 <= bottom } ?? false
      }
      if !rows.isEmpty { endPage() }
    }
    if !table.caption.isEmpty {
      y += 2
      paragraph(table.caption, PageFlow.small, color: .muted, tag: "Caption")
    }
  }

  private func draw(
    _ cell: Table.Cell, _ column: Table.Column, x: Double, width: Double, font: Canvas.Font
  ) {
    let color = cell.link == nil ? cell.status?.color ?? .ink : Color(0x005a8d)
    let draw = {
      _ = self.canvas.text(
        cell.fullText, x: x + 4, y: self.y, font: font, width: width - 8,
        alignment: column.isNumeric ? .right : .left, color: color)
    }
    if let link = cell.link { pdf.link(to: link, draw) } else { draw() }
  }

  /// Natural widths; when they exceed the page, the widest columns give way.
  private func columnWidths(
    _ table: Table, _ font: Canvas.Font, _ headFont: Canvas.Font
  ) -> [Double] {
    var widths = table.columns.indices.map { index in
      let head = canvas.measure(table.columns[index].title, font: headFont).width
      let cells = table.rows.map { canvas.measure($0[index].fullText, font: font).width }
      return (cells.max() ?? 0).maximum(head) + 12
    }
    var excess = widths.reduce(0, +) - width
    while excess > 0.5 {
      let widest = widths.max() ?? 0
      let next = widths.filter { $0 < widest - 0.01 }.max() ?? 0
      let members = widths.indices.filter { widths[$0] >= widest - 0.01 }
      let cut = min(widest - next, excess / Double(members.count))
      for index in members { widths[index] -= cut }
      excess -= cut * Double(members.count)
      if cut <= 0.01 { break }
    }
    return widths
  }

  // MARK: Pages

  /// Starts a new page when less than `height` is left.
  private func need(_ height: Double) {
    if y + height > bottom, y > margin + 1 { endPage() }
  }

  private func endPage() {
    let foot = PDFDocument.pageHeight - margin + 6
    let font = Canvas.Font(7.5)
    canvas.text(document.title, x: margin, y: foot, font: font, color: .muted)
    let total = totalPages.map { " of \($0)" } ?? ""
    canvas.text(
      "page \(page)\(total)", x: PDFDocument.pageWidth - margin, y: foot, font: font,
      alignment: .right, color: .muted)
    pdf.endPage()
    page += 1
    y = margin
  }
}

extension Double {
  fileprivate func maximum(_ other: Double) -> Double { Swift.max(self, other) }
}

extension Status {
  /// Dark enough for text on white.
  var color: Color {
    switch self {
    case .good: Color(0x00664a)
    case .concern: Color(0x8a4b00)
    case .bad: Color(0xa3280c)
    case .neutral: Color(0x00507d)
    case .inconclusive, .notRun: Color(0x5b6470)
    }
  }

  var tint: Color { color.mixed(with: .white, 0.92) }
}

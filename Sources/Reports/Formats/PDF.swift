import Figures
import Foundation

/// A report as PDF: the cover on a page of its own, vector figures beside their text, outline, links from
/// the verdict to its evidence, page numbers.
package enum PDF {
  /// - Throws: `FigureError`.
  package static func render(_ document: Document, brand: Brand? = nil) throws -> Data {
    // Pages are counted first; a long report's table of contents moves them once more.
    var known = PageNumbers()
    while true {
      let flow = PageFlow(document, brand, known)
      flow.layOut()
      if flow.found.agree(with: known) { return try flow.pdf.finish() }
      known = flow.found
    }
  }
}

/// On which pages things are, as far as that is known.
struct PageNumbers {
  /// Nil before anything was laid out.
  var total: Int?
  var sections: [String: Int] = [:]

  /// More pages than this are preceded by a table of contents.
  static let mostWithoutContents = 10

  /// Of a report that has contents they stay needed.
  var needContents = false

  /// Whether what is printed from others is true of these.
  func agree(with others: PageNumbers) -> Bool {
    total == others.total && needContents == others.needContents
      && (!needContents || sections == others.sections)
  }
}

/// Lays blocks down pages.
final class PageFlow {
  static let body = Canvas.Font(9)
  static let small = Canvas.Font(8)
  static let margin = 44.0
  /// Between columns, in points.
  static let gutter = 14.0
  /// The width of figures that stand beside their text.
  static let sideStyle = FigureStyle(name: "beside text", width: 3.25)
  static let wideStyle = FigureStyle(name: "page", width: 6.75)
  /// The height of pictures in grids, in points: larger ones leave pages half empty.
  static let mostGridHeight = 300.0

  let pdf: PDFDocument
  let document: Document
  let brand: Brand?
  private let known: PageNumbers
  private(set) var found = PageNumbers()
  private(set) var page = 1
  var y = margin
  private var isAmongDetails = false
  /// Where text stands.
  var left = margin
  var width = PDFDocument.pageWidth - 2 * margin

  /// What links can lead to.
  let destinations: Set<String>

  var canvas: Canvas { pdf.canvas }
  var bottom: Double { PDFDocument.pageHeight - PageFlow.margin - 14 }
  var pageHeight: Double { bottom - PageFlow.margin }

  init(_ document: Document, _ brand: Brand?, _ known: PageNumbers) {
    self.document = document
    self.brand = brand
    self.known = known
    destinations = Set(document.sections.map(\.id) + [Cover.id])
    pdf = PDFDocument(
      title: document.title, author: brand?.title ?? "overinterp", date: document.date,
      language: document.language)
  }

  func layOut() {
    layOutHead()
    if let cover = document.cover {
      layOut(cover)
      endPage()
    }
    if known.needContents { layOutContents() }
    for section in document.sections { layOut(section) }
    if y > PageFlow.margin + 1 { endPage() }
    found.total = page - 1
    found.needContents = known.needContents || page - 1 > PageNumbers.mostWithoutContents
  }

  private func layOutContents() {
    heading("Contents", size: 13.5)
    // Of the sections about one thing, which have a page of their own in HTML, the first.
    var pages: Set<String> = []
    for section in document.sections {
      if let page = section.page, !pages.insert(page).inserted { continue }
      need(14)
      pdf.element("P") {
        pdf.link(to: section.id) {
          canvas.text(
            section.title, x: left, y: y, font: PageFlow.body, width: width - 30,
            color: Color(0x005a8d))
        }
        canvas.text(
          known.sections[section.id].map(String.init) ?? "", x: left + width, y: y,
          font: PageFlow.body, alignment: .right)
      }
      y += canvas.measure(section.title, font: PageFlow.body, width: width - 30).height + 2
    }
    y += 8
  }

  // MARK: Sections

  private func layOut(_ section: Section) {
    need(28 + leadingHeight(section.blocks))
    y += 3
    found.sections[section.id] = page
    pdf.addDestination(section.id, y: y - 6)
    pdf.addOutline(section.title, destination: section.id)
    heading(section.title, size: 12)
    layOut(section.blocks[...])
    y += 5
  }

  private func heading(_ text: String, size: Double) {
    pdf.element("H2") {
      y += canvas.text(text, x: left, y: y, font: Canvas.Font(size, bold: true), width: width)
    }
    y += 1
    canvas.setColor(Color(0x0072b2))
    canvas.fillRectangle(left, y, 28, 1.4)
    y += 5
  }

  /// Lays out blocks in order; a small figure stands beside the text before it, and beside the notes after
  /// it as far as they have room.
  private func layOut(_ blocks: ArraySlice<Block>) {
    var rest = blocks
    while let block = rest.first {
      let texts = rest.prefix(while: \.isText)
      if case .figure(let figure)? = rest.dropFirst(texts.count).first, figure.isSmall {
        rest = rest.dropFirst(texts.count + 1)
        layOut(figure.fitted(to: PageFlow.sideStyle), beside: Array(texts), &rest)
      } else {
        rest = rest.dropFirst()
        layOut(block)
      }
      if !rest.isEmpty { y += isAmongDetails ? 3 : 5 }
    }
  }

  /// What should stand on the page of the heading: everything up to the first figure, when that is near, so
  /// that a heading is never parted from what it announces.
  private func leadingHeight(_ blocks: [Block]) -> Double {
    let texts = blocks.prefix(while: \.isText)
    let height = texts.reduce(0) { $0 + self.height(of: $1) }
    switch blocks.dropFirst(texts.count).first {
    case .figure(let figure)? where figure.isSmall:
      return figure.fitted(to: PageFlow.sideStyle).height * 72
    case .figure(let figure)?:
      return min(height + extent(of: figure).total, pageHeight * 0.6)
    case .imageGrid(let grid)?:
      let first = grid.bands(PageFlow.wideStyle)[0]
      return min(height + self.height(of: first), pageHeight * 0.6)
    case .table(let table)?: return height + leastHeight(of: table)
    case .details?: return height + 30
    default: return max(height, 40)
    }
  }

  /// Of a text in the current column, with the space after it.
  func height(of block: Block) -> Double {
    switch block {
    case .paragraph(let text):
      canvas.measure(text, font: PageFlow.body, width: width).height + 6
    case .finding(let finding):
      canvas.measure(finding.spelledOut, font: findingFont, width: width - 20).height + 18
    default: 0
    }
  }

  func layOut(_ block: Block) {
    switch block {
    case .paragraph(let text):
      isAmongDetails
        ? paragraph(text, PageFlow.small, color: .muted) : paragraph(text, PageFlow.body)
    case .finding(let finding): layOut(finding)
    case .table(let table): layOut(table)
    case .figure(let figure): layOut(figure)
    case .imageGrid(let grid): layOut(grid)
    case .details(let details): layOut(details)
    }
  }

  /// Longer tables among details, and pictures, are left to their files.
  private static let mostDetailRows = 6

  private func layOut(_ details: Details) {
    var kept: [Block] = []
    var files: [String] = []
    for block in details.blocks {
      switch block {
      case .table(let table) where table.rows.count > PageFlow.mostDetailRows && table.name != nil:
        files.append("tables/\(table.name ?? "").csv")
      case .imageGrid(let grid): files.append("figures/\(grid.name).pdf")
      case .figure(let figure) where figure.arrangement == .grid || figure.isMatrix:
        files.append("figures/\(figure.name).pdf")
      default: kept.append(block)
      }
    }
    if !files.isEmpty { kept.append(.paragraph("More: \(files.joined(separator: ", ")).")) }
    isAmongDetails = true
    layOut(kept[...])
    isAmongDetails = false
  }

  /// Starts no page: callers make room for what goes with a text.
  func paragraph(_ text: String, _ font: Canvas.Font, color: Color = .ink, tag: String = "P") {
    need(canvas.measure(text, font: font, width: width).height)
    pdf.element(tag) {
      y += canvas.text(text, x: left, y: y, font: font, width: width, color: color)
    }
  }

  private var findingFont: Canvas.Font { Canvas.Font(9.5, bold: true) }

  /// What needs attention stands in a box.
  func layOut(_ finding: Finding) {
    guard finding.status != .neutral else {
      need(canvas.measure(finding.spelledOut, font: findingFont, width: width).height)
      pdf.element("P") {
        y += canvas.text(finding.spelledOut, x: left, y: y, font: findingFont, width: width)
      }
      return
    }
    let text = finding.status.glyph + "  " + finding.spelledOut
    let height = canvas.measure(text, font: findingFont, width: width - 20).height
    need(height + 12)
    canvas.setColor(finding.status.tint)
    canvas.fillRectangle(left, y, width, height + 10)
    canvas.setColor(finding.status.color)
    canvas.fillRectangle(left, y, 3, height + 10)
    pdf.element("P") {
      canvas.text(text, x: left + 12, y: y + 5, font: findingFont, width: width - 20)
    }
    y += height + 12
  }

  // MARK: Pages

  /// Starts a new page when less than `height` is left.
  func need(_ height: Double) {
    if y + height > bottom, y > PageFlow.margin + 1 { endPage() }
  }

  func endPage() {
    let foot = PDFDocument.pageHeight - PageFlow.margin + 6
    let total = known.total.map { " of \($0)" } ?? ""
    let number = "page \(page)\(total)"
    let room = PDFDocument.pageWidth - 2 * PageFlow.margin - 70
    canvas.text(
      document.title, x: PageFlow.margin, y: foot, font: PageFlow.small, width: room, color: .muted)
    canvas.text(
      number, x: PDFDocument.pageWidth - PageFlow.margin, y: foot, font: PageFlow.small,
      alignment: .right, color: .muted)
    pdf.endPage()
    page += 1
    y = PageFlow.margin
  }
}

extension Block {
  /// Whether it is a paragraph or a finding.
  fileprivate var isText: Bool {
    switch self {
    case .paragraph, .finding: true
    case .table, .figure, .imageGrid, .details: false
    }
  }
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

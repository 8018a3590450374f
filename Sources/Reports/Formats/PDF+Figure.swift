import Figures

/// Figures and grids of pictures, across the page or beside what is said about them.
extension PageFlow {
  /// Size on the page; what consists of pictures takes less height, with its texts as large.
  func extent(of figure: Figure) -> (figure: Figure, total: Double) {
    var fitted = figure.fitted(to: PageFlow.wideStyle)
    if fitted.arrangement == .grid {
      fitted = fitted.limited(toHeight: PageFlow.mostGridHeight / 72)
    }
    fitted = fitted.limited(toHeight: (pageHeight - 40) / 72)
    let caption = canvas.measure(fitted.caption, font: PageFlow.small, width: width).height
    return (fitted, fitted.height * 72 + (fitted.caption.isEmpty ? 0 : caption + 4) + 4)
  }

  func layOut(_ figure: Figure) {
    let (fitted, total) = extent(of: figure)
    need(total)
    draw(fitted, x: left + (width - fitted.width * 72) / 2)
    y += fitted.height * 72 + 4
    caption(fitted)
  }

  func draw(_ figure: Figure, x: Double) {
    canvas.save()
    canvas.translate(x, y)
    pdf.figure(alternative: figure.altText) { figure.draw(on: canvas) }
    canvas.restore()
  }

  func caption(_ figure: Figure) {
    guard !figure.caption.isEmpty else { return }
    pdf.element("Caption") {
      y += canvas.text(
        figure.caption, x: left, y: y, font: PageFlow.small, width: width, color: .muted)
    }
  }

  /// A small figure at the right of what is said about it.
  ///
  /// `rest`: what follows; notes that fit beside the figure are taken from it.
  func layOut(_ figure: Figure, beside texts: [Block], _ rest: inout ArraySlice<Block>) {
    let full = width
    let figureWidth = figure.width * 72
    let column = full - figureWidth - PageFlow.gutter
    width = column
    let textHeight =
      texts.reduce(0) { $0 + height(of: $1) }
      + canvas.measure(figure.caption, font: PageFlow.small, width: column).height
    width = full
    need(max(textHeight, figure.height * 72) + 4)
    let top = y
    draw(figure, x: left + column + PageFlow.gutter)
    width = column
    for text in texts {
      layOut(text)
      y += 4
    }
    caption(figure)
    let end = top + figure.height * 72
    if case .details(let details)? = rest.first {
      var blocks = details.blocks[...]
      let isTable = { (block: Block) in if case .table = block { true } else { false } }
      // Notes follow tables of their own; those of the figure stand alone.
      while !blocks.contains(where: isTable), case .paragraph(let text)? = blocks.first,
        y + 4 + canvas.measure(text, font: PageFlow.small, width: column).height <= end
      {
        y += 4
        paragraph(text, PageFlow.small, color: .muted)
        blocks = blocks.dropFirst()
      }
      rest = rest.dropFirst()
      if !blocks.isEmpty {
        rest = [.details(Details(title: details.title, blocks: Array(blocks)))] + rest
      }
    }
    width = full
    y = max(y, end)
  }

  func layOut(_ grid: ImageGrid) {
    let bands = grid.bands(PageFlow.wideStyle)
    for (index, band) in bands.enumerated() {
      need(height(of: band))
      if index == 0, !grid.heading.isEmpty {
        pdf.element("H3") {
          y += canvas.text(
            grid.heading, x: left, y: y, font: Canvas.Font(9.5, bold: true), width: width)
        }
        y += 3
      }
      draw(band, x: left)
      y += band.height * 72 + 4
    }
    if let last = bands.last { caption(last) }
  }

  func height(of band: Figure) -> Double {
    band.height * 72 + 16
      + canvas.measure(band.caption, font: PageFlow.small, width: width).height
  }
}

extension Figure {
  /// Whether it can stand beside its text.
  var isSmall: Bool {
    panels.count == 1 && arrangement == .panels && height <= 3.2
  }
}

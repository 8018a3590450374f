import Figures

/// The first page.
extension PageFlow {
  private static let name = Canvas.Font(10, bold: true)
  private static let sentence = Canvas.Font(8.5)
  /// Between pairs of pictures.
  static let pairGap = 12.0

  /// Brand, title and what was looked at.
  func layOutHead() {
    if let logo = brand?.logo {
      let height = 22.0
      canvas.draw(
        logo, left, y - 6, height * Double(logo.width) / Double(max(logo.height, 1)), height)
      y += height - 2
    }
    if let brand {
      y += canvas.text(
        brand.title, x: left, y: y, font: Canvas.Font(9, bold: true), width: width,
        color: Color(0x005a8d))
      y += 2
    }
    pdf.element("H1") {
      y += canvas.text(
        document.title, x: left, y: y, font: Canvas.Font(17, bold: true), width: width)
    }
    y += 3
    pdf.element("P") {
      y += canvas.text(
        document.subtitle, x: left, y: y, font: PageFlow.body, width: width, color: .muted)
    }
    y += 8
  }

  /// Exactly one page: what does not fit is left to the sections.
  func layOut(_ cover: Cover) {
    pdf.addDestination(Cover.id, y: 0)
    pdf.addOutline("Verdict", destination: Cover.id)
    layOut(cover.facts)
    pdf.element("H2") {
      y += canvas.text(
        cover.question, x: left, y: y, font: Canvas.Font(9, bold: true), width: width,
        color: .muted)
    }
    y += 3
    layOut(cover.answer)
    y += 2
    paragraph(cover.certainty, PageFlow.body, color: .muted)
    y += 8
    let noteHeight =
      canvas.measure(
        cover.omitted + cover.legend, font: PageFlow.small, width: width
      ).height + (cover.isCompact ? 11 : 0)
    let nextHeight = cover.next.reduce(27) {
      $0 + canvas.measure($1, font: PageFlow.body, width: width - 34).height + 2
    }
    let room = bottom - y - noteHeight - nextHeight - 8
    let layout = SubjectLayout(self, cover, room: room)
    for subject in cover.subjects.prefix(layout.count) {
      draw(subject, of: cover, layout)
      y += SubjectLayout.gap
    }
    // A page has less room than a screen.
    let rest = cover.subjects.count - layout.count
    let more = rest > 0 ? "\(rest) more are in the table of the next page." : ""
    let note = [more, cover.omitted, cover.legend].filter { !$0.isEmpty }.joined(separator: " ")
    pdf.element("P") {
      y += canvas.text(note, x: left, y: y, font: PageFlow.small, width: width, color: .muted)
    }
    y += 8
    layOutNext(cover, height: nextHeight - 6)
  }

  private func layOut(_ facts: [Cover.Fact]) {
    // Names and values run on: a table of them would take half the page.
    let text = facts.map { "\($0.name): \($0.value)" }.joined(separator: "\u{2003} ")
    pdf.element("P") {
      y += canvas.text(text, x: left, y: y, font: PageFlow.small, width: width, color: .muted)
    }
    y += 9
  }

  private func layOutNext(_ cover: Cover, height: Double) {
    guard !cover.next.isEmpty, y + 30 <= bottom else { return }
    canvas.setColor(Color(0xf3f5f7))
    canvas.fillRectangle(left, y, width, min(height, bottom - y))
    y += 6
    pdf.element("H2") {
      y += canvas.text(
        cover.nextTitle, x: left + 12, y: y, font: Canvas.Font(9.5, bold: true), width: width - 24)
    }
    y += 2
    // A page is a page: what does not fit is in the sections.
    for step in cover.next
    where y + canvas.measure(step, font: PageFlow.body, width: width - 34).height <= bottom {
      pdf.element("P") {
        canvas.text("•", x: left + 12, y: y, font: PageFlow.body)
        y += canvas.text(step, x: left + 22, y: y, font: PageFlow.body, width: width - 34)
      }
      y += 2
    }
  }

  // MARK: Subjects

  /// How large things are, so that all subjects fit.
  struct SubjectLayout {
    let count: Int
    static let gap = 8.0
    /// Of text and evidence, in points.
    let column: Double
    let chartWidth: Double
    /// Of one picture.
    let side: Double
    let isCompact: Bool
    /// Whether the evidence has the width of the page, in rows.
    let isSingle: Bool

    fileprivate static let captionHeight = 22.0
    /// Of a single subject.
    fileprivate static let pairsInRow = 2.0

    init(_ flow: PageFlow, _ cover: Cover, room: Double) {
      let isCompact = cover.isCompact
      isSingle = cover.isSingle
      let charts = cover.subjects.first?.charts ?? []
      let chartWidth = (charts.map(\.width).max() ?? 0) * 72
      let column = isCompact ? 215 : flow.width - chartWidth - PageFlow.gutter
      let pairs = Double(max(cover.subjects.map(\.evidence.count).max() ?? 0, 1))
      /// How many rows fit with pictures of a size.
      func fitting(_ side: Double) -> Int {
        var used = 0.0
        return cover.subjects.prefix { subject in
          used += SubjectLayout.height(flow, subject, cover, column: column, side: side)
          used += SubjectLayout.gap
          return used <= room
        }.count
      }
      // As large as there is room for, down to what can still be seen.
      let inRow = cover.isSingle ? SubjectLayout.pairsInRow : pairs
      let strip = cover.isSingle ? flow.width : column
      var side = isCompact ? 32 : (strip - PageFlow.pairGap * (inRow - 1)) / inRow / 2 - 3
      while fitting(side) < cover.subjects.count, side > 26 { side -= 2 }
      self.isCompact = isCompact
      self.chartWidth = chartWidth
      self.column = column
      self.side = side
      count = fitting(side)
    }

    /// Of a subject's row.
    static func height(
      _ flow: PageFlow, _ subject: Cover.Subject, _ cover: Cover, column: Double, side: Double
    ) -> Double {
      let isCompact = cover.isCompact
      let text = flow.textHeight(subject, column)
      let chartHeight = subject.charts.reduce(-3) { $0 + $1.height * 72 + 3 }
      let strip =
        subject.evidence.isEmpty ? 0 : side + (isCompact ? captionHeight / 2 : captionHeight)
      if cover.isSingle {
        let rows = (Double(subject.evidence.count) / pairsInRow).rounded(.up)
        return max(text, chartHeight) + 6 + rows * (side + captionHeight)
      }
      return isCompact ? max(text, strip, chartHeight) : max(text + strip + 4, chartHeight)
    }
  }

  private func text(_ finding: Finding) -> String {
    finding.status.glyph + " " + finding.spelledOut
  }

  fileprivate func textHeight(_ subject: Cover.Subject, _ column: Double) -> Double {
    canvas.measure(subject.name, font: PageFlow.name, width: column).height + 1
      + canvas.measure(text(subject.finding), font: PageFlow.sentence, width: column).height + 2
  }

  private func draw(_ subject: Cover.Subject, of cover: Cover, _ layout: SubjectLayout) {
    let top = y
    let height = SubjectLayout.height(
      self, subject, cover, column: layout.column, side: layout.side)
    canvas.setColor(subject.finding.status.color)
    canvas.fillRectangle(left - 8, top, 2.5, height)
    pdf.element("H3") {
      let draw = {
        self.y += self.canvas.text(
          subject.name, x: self.left, y: self.y, font: PageFlow.name, width: layout.column)
      }
      if let link = subject.link, destinations.contains(link) {
        pdf.link(to: link, draw)
      } else {
        draw()
      }
    }
    y += 1
    pdf.element("P") {
      y += canvas.text(
        text(subject.finding), x: left, y: y, font: PageFlow.sentence, width: layout.column)
    }
    y += 4
    let chartLeft = left + width - layout.chartWidth
    if layout.isCompact {
      draw(
        subject.evidence, x: left + layout.column + 8, y: top, side: layout.side,
        mostWidth: chartLeft - left - layout.column - 12, isShort: true)
    } else if layout.isSingle {
      let inRow = Int(SubjectLayout.pairsInRow)
      let rowHeight = layout.side + SubjectLayout.captionHeight
      let rows = (subject.evidence.count + inRow - 1) / inRow
      for row in 0..<rows {
        draw(
          Array(subject.evidence[row * inRow..<min((row + 1) * inRow, subject.evidence.count)]),
          x: left, y: top + height - Double(rows - row) * rowHeight, side: layout.side,
          mostWidth: width)
      }
    } else {
      draw(subject.evidence, x: left, y: y, side: layout.side, mostWidth: layout.column)
    }
    var chartTop = top
    for chart in subject.charts {
      canvas.save()
      canvas.translate(chartLeft, chartTop)
      pdf.figure(alternative: chart.altText) { chart.draw(on: canvas) }
      canvas.restore()
      chartTop += chart.height * 72 + 3
    }
    y = top + height
  }

  private func draw(
    _ evidence: [Cover.Evidence], x: Double, y top: Double, side: Double, mostWidth: Double,
    isShort: Bool = false
  ) {
    let step = 2 * side + 4 + PageFlow.pairGap
    // What would take more than two lines is said by its number.
    let isLong = evidence.contains { pair in
      [pair.imageText, pair.subsetText].contains {
        canvas.measure($0, font: PageFlow.small, width: side + 2).height
          > SubjectLayout.captionHeight + 2
      }
    }
    for (index, pair) in evidence.enumerated() {
      let at = x + Double(index) * step
      guard at + 2 * side + 3 <= x + mostWidth + 1 else { break }
      pdf.figure(alternative: pair.altText) {
        let texts =
          isShort || isLong ? pair.shortTexts : (image: pair.imageText, subset: pair.subsetText)
        for (offset, picture, text) in [
          (0.0, pair.image, texts.image), (side + 3, pair.subset, texts.subset),
        ] {
          let size = Double(max(picture.width, picture.height))
          let (w, h) = (side * Double(picture.width) / size, side * Double(picture.height) / size)
          canvas.draw(picture, at + offset, top, w, h)
          canvas.setColor(.grid)
          canvas.strokeRectangle(at + offset, top, w, h, lineWidth: 0.5)
          canvas.text(
            text, x: at + offset, y: top + side + 1, font: PageFlow.small, width: side + 2,
            color: .muted)
        }
      }
    }
  }
}

/// What a report amounts to as Markdown, for a pull request or a terminal: what the cover says, then
/// findings and tables of the sections that belong into a summary.
package enum Markdown {
  /// Rows of a table: what is read in a comment fits a screen.
  private static let mostRows = 8

  /// `maxBytes`: sections that would exceed it are left out; a comment has room for 64 KB.
  ///
  /// `isWhole`: whether tables keep all their rows.
  package static func render(
    _ document: Document, maxBytes: Int = 60_000, isWhole: Bool = false
  ) -> String {
    var text = "# \(escape(document.title))\n"
    if let cover = document.cover {
      text += render(cover)
    } else if !document.subtitle.isEmpty {
      text += "\n\(escape(document.subtitle))\n"
    }
    let shown = document.sections.filter(\.isSummary)
    let anchors = Set(shown.map(\.id) + (document.cover == nil ? [] : [Cover.id]))
    for section in shown {
      let rendered = render(section, linking: anchors, isWhole: isWhole)
      guard text.utf8.count + rendered.utf8.count < maxBytes else {
        break
      }
      text += rendered
    }
    return text + "\nThe evidence is in `report.html` and `report.pdf`.\n"
  }

  private static func render(_ cover: Cover) -> String {
    let answer = cover.answer
    var text =
      "\n<a id=\"\(Cover.id)\"></a>\n**\(answer.status.glyph) \(answer.word.capitalizedFirst).** "
      + "\(escape(answer.text)) \(escape(cover.certainty))\n\n| Model | Verdict |\n| --- | --- |\n"
    for subject in cover.subjects {
      let finding = subject.finding
      text +=
        "| \(escape(subject.name)) | \(finding.status.glyph) **\(finding.word.capitalizedFirst).** "
        + "\(escape(finding.text)) |\n"
    }
    if !cover.omitted.isEmpty { text += "\n\(escape(cover.omitted))\n" }
    guard !cover.next.isEmpty else { return text }
    return text + "\n**\(cover.nextTitle)**\n\n"
      + cover.next.map { "- \(escape($0))\n" }.joined()
  }

  private static func render(
    _ section: Section, linking anchors: Set<String>, isWhole: Bool
  ) -> String {
    "\n<a id=\"\(section.id)\"></a>\n## \(escape(section.title))\n"
      + section.blocks.map { render($0, linking: anchors, isWhole: isWhole) }.joined()
  }

  private static func render(
    _ block: Block, linking anchors: Set<String>, isWhole: Bool
  ) -> String {
    switch block {
    case .paragraph(let text):
      return "\n\(escape(text))\n"
    case .finding(let finding):
      let word = finding.word.isEmpty ? "" : "\(finding.word.capitalizedFirst): "
      return "\n**\(finding.status.glyph) \(word)\(escape(finding.text))**\n"
    case .figure, .imageGrid, .details:
      return ""
    case .table(let table):
      return render(table, linking: anchors, mostRows: isWhole ? .max : mostRows)
    }
  }

  private static func render(
    _ table: Table, linking anchors: Set<String>, mostRows: Int
  ) -> String {
    let omitted = max(0, table.rows.count - mostRows)
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    return "\n" + line(table.columns.map { escape($0.title) })
      + line(table.columns.map { $0.isNumeric ? "---:" : "---" })
      + table.rows.prefix(mostRows).map { row in line(row.map { render($0, linking: anchors) }) }
      .joined() + (omitted > 0 ? "\n\(omitted) more rows are in the report.\n" : "")
      + (table.caption.isEmpty ? "" : "\n*\(escape(table.caption))*\n")
  }

  private static func render(_ cell: Table.Cell, linking anchors: Set<String>) -> String {
    let text = escape(cell.fullText)
    // Evidence is in the report.
    guard let link = cell.link, anchors.contains(link) else { return text }
    return "[\(text)](#\(link))"
  }

  private static func escape(_ text: String) -> String {
    var result = ""
    for character in text {
      if "\\`*_[]<>|".contains(character) { result.append("\\") }
      result.append(character == "\n" ? " " : character)
    }
    return result
  }
}

/// What a report amounts to as Markdown, for a pull request or a terminal: text and tables of the
/// sections that belong into a summary.
package enum Markdown {
  /// `maxBytes`: sections that would exceed it are left out; a comment has room for 64 KB.
  package static func render(_ document: Document, maxBytes: Int = 60_000) -> String {
    var text = "# \(escape(document.title))\n\n\(escape(document.subtitle))\n"
    let anchors = Set(document.sections.filter(\.isSummary).map(\.id))
    for section in document.sections where section.isSummary {
      let rendered = render(section, linking: anchors)
      guard text.utf8.count + rendered.utf8.count < maxBytes else {
        break
      }
      text += rendered
    }
    return text + "\nThe evidence is in `report.html` and `report.pdf`.\n"
  }

  private static func render(_ section: Section, linking anchors: Set<String>) -> String {
    "\n<a id=\"\(section.id)\"></a>\n## \(escape(section.title))\n"
      + section.blocks.map { render($0, linking: anchors) }.joined()
  }

  private static func render(_ block: Block, linking anchors: Set<String>) -> String {
    switch block {
    case .paragraph(let text):
      return "\n\(escape(text))\n"
    case .finding(let finding):
      let word = finding.word
      return "\n**\(finding.status.glyph) \(word): \(escape(finding.text))**\n"
    case .figure, .imageGrid:
      return ""
    case .table(let table):
      return render(table, linking: anchors)
    }
  }

  private static func render(_ table: Table, linking anchors: Set<String>) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    return "\n" + line(table.columns.map { escape($0.title) })
      + line(table.columns.map { $0.isNumeric ? "---:" : "---" })
      + table.rows.map { row in line(row.map { render($0, linking: anchors) }) }.joined()
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

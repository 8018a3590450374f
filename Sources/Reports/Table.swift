import Figures

/// Rows of text under headings.
package struct Table: Sendable {
  package struct Column: Sendable {
    package let title: String
    package let isNumeric: Bool

    package init(_ title: String, numeric: Bool = false) {
      self.title = title
      isNumeric = numeric
    }
  }

  package struct Cell: Sendable {
    package let text: String
    /// The section that holds the evidence.
    package let link: String?
    package let status: Status?

    package init(_ text: String, link: String? = nil, status: Status? = nil) {
      self.text = text
      self.link = link
      self.status = status
    }

    /// Glyph and word of the status before the text.
    package var fullText: String {
      guard let status else { return text }
      return status.glyph + " " + (text.isEmpty ? status.word : text)
    }
  }

  /// File name of its CSV, without extension; nil for tables of no numbers, or whose numbers are a
  /// figure's.
  package let name: String?
  package let caption: String
  package let columns: [Column]
  package let rows: [[Cell]]

  package init(name: String? = nil, caption: String, columns: [Column], rows: [[Cell]]) {
    self.name = name
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }

  /// Its texts as they stand.
  package var data: DataTable {
    DataTable(columns: columns.map(\.title), rows: rows.map { $0.map(\.fullText) })
  }
}

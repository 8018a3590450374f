import Figures

/// A report as a value: sections of a closed set of blocks, so that every format can show every
/// measurement.
package struct Document: Sendable {
  package let title: String
  package let subtitle: String
  /// ISO 8601; the only thing in a report that differs between two renderings.
  package let date: String
  package let language: String
  package let sections: [Section]

  package init(
    title: String, subtitle: String, date: String, language: String = "en", sections: [Section]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.date = date
    self.language = language
    self.sections = sections
  }

  /// Every figure, in order, at a style's width.
  package func figures(_ style: FigureStyle = .standard) -> [Figure] {
    sections.flatMap(\.blocks).flatMap { block -> [Figure] in
      switch block {
      case .figure(let figure): [figure.fitted(to: style)]
      case .imageGrid(let grid): [grid.figure(style)]
      case .paragraph, .finding, .table: []
      }
    }
  }
}

/// A part of a report with a name that links lead to.
package struct Section: Sendable {
  package let id: String
  package let title: String
  package let blocks: [Block]
  /// The page of its own that HTML gives it; nil for the main one.
  ///
  /// Other formats have one page.
  package let page: String?
  /// Whether it belongs into a summary, such as a comment on a pull request.
  package let isSummary: Bool

  package init(
    id: String, title: String, page: String? = nil, isSummary: Bool = false, blocks: [Block]
  ) {
    self.id = id
    self.title = title
    self.page = page
    self.isSummary = isSummary
    self.blocks = blocks
  }
}

/// What sections are made of.
package enum Block: Sendable {
  case paragraph(String)
  case finding(Finding)
  case table(Table)
  case figure(Figure)
  case imageGrid(ImageGrid)
}

/// One sentence that says what was found.
package struct Finding: Sendable {
  package let status: Status
  /// How to take it, in a word or two.
  package let word: String
  package let text: String

  /// `word`: the status's own unless given.
  package init(_ status: Status, _ text: String, word: String? = nil) {
    self.status = status
    self.text = text
    self.word = word ?? status.word
  }

  /// The status in words, then the text, with names and equations that do not break across lines.
  var spelledOut: String {
    let word = word.prefix(1).uppercased() + word.dropFirst()
    return "\(word): \(text.unbroken)"
  }
}

extension String {
  /// With hyphens that do not break and spaces around = that do not either.
  var unbroken: String {
    replacing("-", with: "\u{2011}").replacing(" = ", with: "\u{a0}=\u{a0}")
  }
}

/// How a finding should be taken: a glyph and a word, never a colour alone.
package enum Status: String, Sendable {
  case good, concern, bad, neutral, inconclusive, notRun

  package var glyph: String {
    switch self {
    case .good: "✓"
    case .concern: "▲"
    case .bad: "✗"
    case .neutral: "•"
    case .inconclusive: "?"
    case .notRun: "–"
    }
  }

  package var word: String {
    switch self {
    case .good: "as hoped"
    case .concern: "concern"
    case .bad: "overinterprets"
    case .neutral: "measured"
    case .inconclusive: "inconclusive"
    case .notRun: "not run"
    }
  }
}

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

  package let caption: String
  package let columns: [Column]
  package let rows: [[Cell]]

  package init(caption: String, columns: [Column], rows: [[Cell]]) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }
}

/// Small pictures in captioned groups, such as an image with its subset.
package struct ImageGrid: Sendable {
  package struct Picture: Sendable {
    package let image: PixelImage
    package let label: String

    package init(_ image: PixelImage, _ label: String) {
      self.image = image
      self.label = label
    }
  }

  package struct Item: Sendable {
    package let title: String
    package let note: String
    /// The note in a few words, for figures.
    package let shortNote: String
    package let pictures: [Picture]
    /// What the pictures show, in words.
    package let altText: String
    /// One value per filter of the grid.
    package let facets: [String]
    /// One number per order of the grid, smallest first.
    package let ranks: [Double]

    package init(
      title: String, note: String, shortNote: String = "", pictures: [Picture], altText: String,
      facets: [String] = [], ranks: [Double] = []
    ) {
      self.title = title
      self.note = note
      self.shortNote = shortNote
      self.pictures = pictures
      self.altText = altText
      self.facets = facets
      self.ranks = ranks
    }
  }

  /// File name of the figure of the same pictures.
  package let name: String
  /// Above the grid; empty for none.
  package let heading: String
  package let caption: String
  package let items: [Item]
  /// By what a reader can choose among items, such as "Class".
  package let filters: [String]
  /// By what a reader can order them, such as "fewest pixels".
  package let orders: [String]

  package init(
    name: String, heading: String = "", caption: String, items: [Item], filters: [String] = [],
    orders: [String] = []
  ) {
    self.name = name
    self.heading = heading
    self.caption = caption
    self.items = items
    self.filters = filters
    self.orders = orders
  }

  /// The width of an item in a figure, in inches.
  private static let itemWidth = 0.91

  /// The grid as a figure: one column per item, one row per picture, in bands of as many items as the
  /// width has room for.
  package func figure(_ style: FigureStyle = .standard) -> Figure {
    let most = Int(style.width / ImageGrid.itemWidth)
    let rowsPerItem = items.map(\.pictures.count).max() ?? 1
    let bands = max(1, (items.count + most - 1) / most)
    // Bands of equal length leave no item alone.
    let columns = max(1, (items.count + bands - 1) / bands)
    var panels: [Panel] = []
    for band in stride(from: 0, to: items.count, by: columns) {
      let members = Array(items[band..<min(band + columns, items.count)])
      for row in 0..<rowsPerItem {
        for column in 0..<columns {
          guard column < members.count, row < members[column].pictures.count else {
            panels.append(Panel(marks: []))
            continue
          }
          panels.append(
            Panel(
              title: row == 0 ? members[column].title : "",
              note: row == rowsPerItem - 1 ? members[column].shortNote : "",
              marks: [.picture(members[column].pictures[row].image)]))
        }
      }
    }
    // The first row of a band carries the titles.
    let hasNotes = items.contains { !$0.shortNote.isEmpty }
    // Narrow columns are long enough with several bands of small pictures.
    let side = min(style.width / Double(columns), style.width < 4 ? 1.1 : 1.5)
    var shares: [Double] = []
    for _ in 0..<bands {
      for row in 0..<rowsPerItem {
        let title = row == 0 ? 0.2 : 0
        let note = row == rowsPerItem - 1 && hasNotes ? 0.32 : 0
        shares.append(side + title + note)
      }
    }
    return Figure(
      name: name, caption: caption,
      altText: items.map { "\($0.title): \($0.altText)" }.joined(separator: " "),
      width: style.width, height: shares.reduce(0, +) + 0.12 * Double(shares.count),
      columns: columns, arrangement: .grid, rowShares: shares, panels: panels,
      data: DataTable(
        columns: ["title", "note"], rows: items.map { [$0.title, $0.note] }))
  }
}

import Figures

/// A report as a value: sections of a closed set of blocks, so that every format can show every
/// measurement.
package struct Document: Sendable {
  package let title: String
  package let subtitle: String
  /// ISO 8601; the only thing in a report that differs between two renderings.
  package let date: String
  package let language: String
  /// The method in a sentence: said once here, and with every figure that leaves the report.
  package let method: String
  /// What it opens with; nil for a report of sections alone.
  package let cover: Cover?
  package let sections: [Section]

  package init(
    title: String, subtitle: String, date: String, language: String = "en", method: String = "",
    cover: Cover? = nil, sections: [Section]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.date = date
    self.language = language
    self.method = method
    self.cover = cover
    self.sections = sections
  }

  /// Every block, those among details too.
  private var blocks: [Block] {
    sections.flatMap(\.blocks).flatMap { block in
      if case .details(let details) = block { details.blocks } else { [block] }
    }
  }

  /// Every figure, in order, at a style's width, with the method in its note.
  package func figures(_ style: FigureStyle = .standard) -> [Figure] {
    blocks.flatMap { block -> [Figure] in
      switch block {
      case .figure(let figure): [figure.fitted(to: style).adding(note: method)]
      case .imageGrid(let grid): [grid.figure(style).adding(note: method)]
      case .paragraph, .finding, .table, .details: []
      }
    }
  }

  /// Every table that has a file of its own, by the file's name.
  package var tables: [(name: String, data: DataTable)] {
    blocks.compactMap { block in
      if case .table(let table) = block, let name = table.name { (name, table.data) } else { nil }
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
  /// The formats that have it.
  package let audience: Audience

  /// Which formats have a section.
  package enum Audience: Sendable {
    case all
    /// PDF alone: what is printed and signed.
    case print
  }

  package init(
    id: String, title: String, page: String? = nil, isSummary: Bool = false,
    audience: Audience = .all, blocks: [Block]
  ) {
    self.id = id
    self.title = title
    self.page = page
    self.isSummary = isSummary
    self.audience = audience
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
  case details(Details)

  /// Tables and texts for who wants to know more.
  ///
  /// `notes`: empty ones are left out.
  package static func details(
    _ title: String = "Details", notes: [String] = [], _ blocks: [Block] = []
  ) -> Block {
    let texts = notes.filter { !$0.isEmpty }.map { Block.paragraph($0) }
    return .details(Details(title: title, blocks: blocks + texts))
  }
}

/// What a reader may leave out: folded in HTML, in small type in PDF.
package struct Details: Sendable {
  package let title: String
  package let blocks: [Block]

  package init(title: String, blocks: [Block]) {
    self.title = title
    self.blocks = blocks
  }
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
    word.isEmpty ? text.unbroken : "\(word.capitalizedFirst): \(text.unbroken)"
  }
}

extension String {
  /// With its first letter in capitals.
  package var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

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
    case .neutral: ""
    case .inconclusive: "inconclusive"
    case .notRun: "not run"
    }
  }
}

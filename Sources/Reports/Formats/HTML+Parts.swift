import Figures
import Foundation

/// Which sections are on which page.
struct Site {
  struct Page {
    /// Nil for the main page.
    let title: String?
    let file: String
    /// Of the main page.
    let cover: Cover?
    let sections: [Section]

    var styleFile: String { (file as NSString).deletingPathExtension + ".css" }
  }

  let pages: [Page]
  private let homes: [String: String]

  init(_ document: Document) {
    let shown = document.sections.filter { $0.audience == .all }
    var names: [String] = []
    for section in shown {
      if let page = section.page, !names.contains(page) { names.append(page) }
    }
    let main = Page(
      title: nil, file: "report.html", cover: document.cover,
      sections: shown.filter { $0.page == nil })
    pages =
      [main]
      + names.map { name in
        Page(
          title: name, file: Site.fileName(name), cover: nil,
          sections: shown.filter { $0.page == name })
      }
    var homes: [String: String] = [:]
    for page in pages {
      if page.cover != nil { homes[Cover.id] = page.file }
      for section in page.sections { homes[section.id] = page.file }
    }
    self.homes = homes
  }

  private static func fileName(_ page: String) -> String {
    let safe = page.map { character in
      character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
        ? character : "_"
    }
    return "report-\(String(safe)).html"
  }

  /// What `href` says for a section; nil when there is no such section.
  func reference(_ id: String, from page: Page) -> String? {
    homes[id].map { $0 == page.file ? "#\(id)" : "\($0)#\(id)" }
  }

  /// The navigation of a page: its sections, then the other pages.
  func links(from page: Page) -> [[String: String]] {
    let others = pages.filter { $0.file != page.file }.map { other in
      ["href": other.file, "title": other.title ?? "Overview"]
    }
    let first = page.cover == nil ? [] : [["href": "#\(Cover.id)", "title": "Verdict"]]
    let own = first + page.sections.map { ["href": "#\($0.id)", "title": $0.title] }
    return page.title == nil ? own + others : others.prefix(1) + own + others.dropFirst()
  }
}

/// Lists by which a reader chooses and orders pictures, as style rules.
struct GridChoices {
  private(set) var controls: [[String: Any]] = []
  private(set) var style = ""

  init(_ grid: ImageGrid) {
    guard grid.items.count > 2 else { return }
    let name = grid.name.asSelector
    for (index, filter) in grid.filters.enumerated() {
      var values: [String] = []
      for item in grid.items where !values.contains(item.facets[index]) {
        values.append(item.facets[index])
      }
      guard values.count > 1 else { continue }
      let id = "\(grid.name)-f\(index + 1)"
      add(id, "Show \(filter)", ["all"] + values)
      for (number, value) in values.enumerated() {
        let hidden = grid.items.indices.filter { grid.items[$0].facets[index] != value }
        let targets = hidden.map { "#\(name)-\($0 + 1)" }.joined(separator: ",")
        style +=
          "figure:has(#\(id.asSelector) option:nth-of-type(\(number + 2)):checked) :is(\(targets))"
          + "{display:none}\n"
      }
    }
    let id = "\(grid.name)-o"
    guard !grid.orders.isEmpty else { return }
    add(id, "Order", ["as audited"] + grid.orders)
    for order in grid.orders.indices {
      let ranked = grid.items.indices.sorted {
        (grid.items[$0].ranks[order], $0) < (grid.items[$1].ranks[order], $1)
      }
      for (position, item) in ranked.enumerated() {
        style +=
          "figure:has(#\(id.asSelector) option:nth-of-type(\(order + 2)):checked) #\(name)-\(item + 1)"
          + "{order:\(position)}\n"
      }
    }
  }

  private mutating func add(_ id: String, _ label: String, _ options: [String]) {
    controls.append(["id": id, "label": label, "options": options])
  }
}

extension String {
  /// An identifier of letters, digits, dots, dashes and underscores as CSS writes it.
  var asSelector: String { replacing(".", with: "\\.") }
}

/// Pictures of a page and the style rules they need: inside it, or beside it.
struct Assets {
  let packaging: HTML.Packaging
  let page: String
  var files: [String: Data] = [:]
  var style = ""

  init(packaging: HTML.Packaging, page: String) {
    self.packaging = packaging
    self.page = page
  }

  /// - Returns: What `src` says.
  mutating func add(_ data: Data, name: String, type: String) -> String {
    switch packaging {
    case .inline:
      return "data:\(type);base64,\(data.base64EncodedString())"
    case .directory:
      files[name] = data
      return name
    }
  }
}

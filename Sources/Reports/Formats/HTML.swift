import Figures
import Foundation
import Mustache

/// A report as HTML, from the templates: one file with everything inside, or a folder of files that
/// works under a strict content security policy.
///
/// There is no script: choosing and ordering pictures, and numbers under the pointer, are style
/// rules, so that both forms do the same everywhere.
package struct HTML {
  /// Where pictures and styles go.
  package enum Packaging: String, Sendable, CaseIterable {
    case inline, directory
  }

  package let packaging: Packaging
  private let library: MustacheLibrary
  private let style: String

  /// `templates`: A folder with `report.mustache` and `report.css`.
  ///
  /// Throws `ReportError`.
  package init(templates: String, packaging: Packaging) throws {
    func read(_ name: String) throws -> String {
      let path = "\(templates)/\(name)"
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw ReportError.template(path: path, reason: "cannot be read")
      }
      return text
    }
    func template(_ name: String) throws -> MustacheTemplate {
      do {
        return try MustacheTemplate(string: read("\(name).mustache"))
      } catch let error as ReportError {
        throw error
      } catch {
        throw ReportError.template(path: "\(templates)/\(name).mustache", reason: "\(error)")
      }
    }
    library = MustacheLibrary(templates: [
      "report": try template("report"), "block": try template("block"),
    ])
    style = try read("report.css")
    self.packaging = packaging
  }

  /// The files to write, by path relative to the report.
  ///
  /// - Throws: `FigureError` or `ReportError`.
  package func render(_ document: Document) throws -> [String: Data] {
    let site = Site(document)
    var files: [String: Data] = [:]
    for page in site.pages {
      var assets = Assets(packaging: packaging, page: page.file)
      let sections: [[String: Any]] = try page.sections.map { section in
        [
          "id": section.id, "title": section.title,
          "blocks": try section.blocks.map { try values($0, site, page, section, &assets) },
        ]
      }
      let ownStyle = style + assets.style
      let content: [String: Any] = [
        "title": page.title ?? document.title, "subtitle": document.subtitle,
        "date": document.date, "language": document.language, "sections": sections,
        "links": site.links(from: page), "inlineStyle": packaging == .inline ? ownStyle : "",
        "isInline": packaging == .inline, "styleSheet": page.styleFile,
      ]
      guard let html = library.render(content, withTemplate: "report") else {
        throw ReportError.template(path: "report.mustache", reason: "did not render")
      }
      files.merge(assets.files) { first, _ in first }
      files[page.file] = Data(html.utf8)
      if packaging == .directory { files[page.styleFile] = Data(ownStyle.utf8) }
    }
    return files
  }

  private func values(
    _ block: Block, _ site: Site, _ page: Site.Page, _ section: Section, _ assets: inout Assets
  ) throws -> [String: Any] {
    switch block {
    case .paragraph(let text):
      return ["paragraph": text]
    case .finding(let finding):
      return [
        "finding": [
          "status": finding.status.rawValue, "glyph": finding.status.glyph,
          "word": finding.word, "text": finding.text.unbroken,
        ]
      ]
    case .table(let table):
      return ["table": values(table, site, page, section)]
    case .figure(let figure):
      return ["figure": try values(figure, &assets)]
    case .imageGrid(let grid):
      return ["imageGrid": try values(grid, &assets)]
    }
  }

  private func values(_ figure: Figure, _ assets: inout Assets) throws -> [String: Any] {
    let source = try assets.add(
      figure.render(.svg), name: "figures/\(figure.name).svg", type: "image/svg+xml")
    let hotspots = figure.hotspots.enumerated().map { index, spot -> [String: Any] in
      let id = "\(figure.name)-p\(index + 1)"
      assets.style += String(
        format: "#%@{left:%.2f%%;top:%.2f%%}\n", id.asSelector, spot.x * 100, spot.y * 100)
      let side = spot.x < 0.35 ? "right" : spot.x > 0.65 ? "left" : "middle"
      return ["id": id, "text": spot.text, "side": side, "edge": spot.y < 0.35 ? "below" : "above"]
    }
    return [
      "source": source, "alt": figure.altText, "caption": figure.caption, "name": figure.name,
      "width": String(Int(figure.width * 132)), "height": String(Int(figure.height * 132)),
      "hotspots": hotspots,
    ]
  }

  private func values(_ grid: ImageGrid, _ assets: inout Assets) throws -> [String: Any] {
    let items: [[String: Any]] = try grid.items.enumerated().map { index, item in
      let pictures: [[String: Any]] = try item.pictures.enumerated().map { number, picture in
        let name = "images/\(grid.name)-\(index + 1)-\(number + 1).png"
        return [
          "source": try assets.add(picture.image.png(side: 112), name: name, type: "image/png"),
          "label": picture.label, "alt": "\(picture.label): \(item.altText)",
        ]
      }
      return [
        "id": "\(grid.name)-\(index + 1)", "title": item.title, "note": item.note,
        "pictures": pictures,
      ]
    }
    let choices = GridChoices(grid)
    assets.style += choices.style
    var content: [String: Any] = [
      "name": grid.name, "level": grid.heading.isEmpty ? "h3" : "h4",
      "caption": grid.caption, "items": items, "controls": choices.controls,
      "hasControls": !choices.controls.isEmpty,
    ]
    if !grid.heading.isEmpty { content["heading"] = grid.heading }
    return content
  }

  private func values(
    _ table: Table, _ site: Site, _ page: Site.Page, _ section: Section
  ) -> [String: Any] {
    var content: [String: Any] = [
      "label": section.title,
      "columns": table.columns.map {
        ["title": $0.title, "class": $0.isNumeric ? "number" : "text"]
      },
      "rows": table.rows.map { row in
        [
          "cells": zip(row, table.columns).enumerated().map { index, pair -> [String: Any] in
            let (cell, column) = pair
            var values: [String: Any] = [
              "text": cell.fullText, "class": column.isNumeric ? "number" : "text",
              "isHead": index == 0,
            ]
            if let link = cell.link.flatMap({ site.reference($0, from: page) }) {
              values["link"] = link
            }
            if let status = cell.status { values["status"] = status.rawValue }
            return values
          }
        ]
      },
    ]
    // An empty text counts as one in a template.
    if !table.caption.isEmpty { content["caption"] = table.caption }
    return content
  }
}

/// Which sections are on which page.
private struct Site {
  struct Page {
    /// Nil for the main page.
    let title: String?
    let file: String
    let sections: [Section]

    var styleFile: String { (file as NSString).deletingPathExtension + ".css" }
  }

  let pages: [Page]
  private let homes: [String: String]

  init(_ document: Document) {
    var names: [String] = []
    for section in document.sections {
      if let page = section.page, !names.contains(page) { names.append(page) }
    }
    let main = Page(
      title: nil, file: "report.html", sections: document.sections.filter { $0.page == nil })
    pages =
      [main]
      + names.map { name in
        Page(
          title: name, file: Site.fileName(name),
          sections: document.sections.filter { $0.page == name })
      }
    var homes: [String: String] = [:]
    for page in pages {
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
    let own = page.sections.map { ["href": "#\($0.id)", "title": $0.title] }
    return page.title == nil ? own + others : others.prefix(1) + own + others.dropFirst()
  }
}

/// Lists by which a reader chooses and orders pictures, as style rules.
private struct GridChoices {
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
  fileprivate var asSelector: String { replacing(".", with: "\\.") }
}

/// Pictures of a page and the style rules they need: inside it, or beside it.
private struct Assets {
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

/// What stops a report.
package enum ReportError: Error, CustomStringConvertible {
  case template(path: String, reason: String)
  case noTemplates(searched: [String])

  package var description: String {
    switch self {
    case .template(let path, let reason):
      "Template '\(path)' \(reason). Check --templates."
    case .noTemplates(let searched):
      "The report templates were not found in \(searched.joined(separator: ", ")). "
        + "State their folder with --templates."
    }
  }
}

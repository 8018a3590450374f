import Figures
import Foundation
import Mustache

/// A report as HTML, from the templates: one file with everything inside, or a folder of files that
/// works under a strict content security policy.
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
      let path = (templates as NSString).appendingPathComponent(name)
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
    var assets = Assets(packaging: packaging)
    let sections: [[String: Any]] = try document.sections.map { section in
      [
        "id": section.id, "title": section.title,
        "blocks": try section.blocks.map { try values($0, &assets) },
      ]
    }
    let page: [String: Any] = [
      "title": document.title, "subtitle": document.subtitle, "date": document.date,
      "language": document.language, "sections": sections,
      "inlineStyle": packaging == .inline ? style : "", "isInline": packaging == .inline,
    ]
    guard let html = library.render(page, withTemplate: "report") else {
      throw ReportError.template(path: "report.mustache", reason: "did not render")
    }
    var files = assets.files
    files["report.html"] = Data(html.utf8)
    if packaging == .directory { files["report.css"] = Data(style.utf8) }
    return files
  }

  private func values(_ block: Block, _ assets: inout Assets) throws -> [String: Any] {
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
      return ["table": values(table)]
    case .figure(let figure):
      let source = try assets.add(
        figure.render(.svg), name: "figures/\(figure.name).svg", type: "image/svg+xml")
      return [
        "figure": [
          "source": source, "alt": figure.altText, "caption": figure.caption,
          "name": figure.name, "width": String(Int(figure.width * 132)),
          "height": String(Int(figure.height * 132)),
        ]
      ]
    case .imageGrid(let grid):
      let items: [[String: Any]] = try grid.items.enumerated().map { index, item in
        let pictures: [[String: Any]] = try item.pictures.enumerated().map { number, picture in
          let name = "images/\(grid.name)-\(index + 1)-\(number + 1).png"
          return [
            "source": try assets.add(picture.image.png(side: 112), name: name, type: "image/png"),
            "label": picture.label, "alt": "\(picture.label): \(item.altText)",
          ]
        }
        return ["title": item.title, "note": item.note, "pictures": pictures]
      }
      return ["imageGrid": ["caption": grid.caption, "items": items] as [String: Any]]
    }
  }

  private func values(_ table: Table) -> [String: Any] {
    [
      "caption": table.caption,
      "columns": table.columns.map {
        ["title": $0.title, "class": $0.isNumeric ? "number" : "text"]
      },
      "rows": table.rows.map { row in
        [
          "cells": zip(row, table.columns).map { cell, column -> [String: Any] in
            var values: [String: Any] = [
              "text": cell.fullText, "class": column.isNumeric ? "number" : "text",
            ]
            if let link = cell.link { values["link"] = link }
            if let status = cell.status { values["status"] = status.rawValue }
            return values
          }
        ]
      },
    ]
  }
}

/// Pictures of a report: inside it, or beside it.
private struct Assets {
  let packaging: HTML.Packaging
  var files: [String: Data] = [:]

  init(packaging: HTML.Packaging) {
    self.packaging = packaging
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

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
  package let brand: Brand?
  private let library: MustacheLibrary
  private let style: String

  /// `templates`: A folder with `report.mustache` and `report.css`.
  ///
  /// Throws `ReportError`.
  package init(templates: String, packaging: Packaging, brand: Brand? = nil) throws {
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
      "cover": try template("cover"),
    ])
    style = try read("report.css")
    self.packaging = packaging
    self.brand = brand
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
      let cover = try page.cover.map { try values($0, site, page, &assets) }
      let brand = try values(brand, &assets)
      let ownStyle = style + assets.style
      var content: [String: Any] = [
        "title": page.title ?? document.title, "subtitle": document.subtitle,
        "date": document.date, "language": document.language, "sections": sections,
        "links": site.links(from: page), "inlineStyle": packaging == .inline ? ownStyle : "",
        "isInline": packaging == .inline, "styleSheet": page.styleFile, "brand": brand,
      ]
      content["cover"] = cover
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
      return ["finding": values(finding)]
    case .table(let table):
      return ["table": values(table, site, page, section)]
    case .figure(let figure):
      return ["figure": try values(figure, &assets)]
    case .imageGrid(let grid):
      return ["imageGrid": try values(grid, &assets)]
    case .details(let details):
      return [
        "details": [
          "title": details.title,
          "blocks": try details.blocks.map { try values($0, site, page, section, &assets) },
        ]
      ]
    }
  }

  private func values(_ brand: Brand?, _ assets: inout Assets) throws -> [String: Any] {
    var content: [String: Any] = ["title": brand?.title ?? "overinterp"]
    if let logo = brand?.logo {
      content["logo"] = try assets.add(
        logo.png(side: 1), name: "images/logo.png", type: "image/png")
    }
    return content
  }

  private func values(
    _ cover: Cover, _ site: Site, _ page: Site.Page, _ assets: inout Assets
  ) throws -> [String: Any] {
    let subjects = try cover.subjects.enumerated().map { index, subject in
      let charts = try subject.charts.map { chart in
        [
          "source": try assets.add(
            chart.render(.svg), name: "images/\(chart.name).svg", type: "image/svg+xml"),
          "alt": chart.altText, "width": String(Int(chart.width * 132)),
          "height": String(Int(chart.height * 132)),
        ]
      }
      let evidence = try subject.evidence.enumerated().map { number, pair in
        let name = "images/evidence-\(index + 1)-\(number + 1)"
        return [
          "image": try assets.add(
            pair.image.png(side: 112), name: "\(name)-image.png", type: "image/png"),
          "subset": try assets.add(
            pair.subset.png(side: 112), name: "\(name)-subset.png", type: "image/png"),
          "imageText": cover.isCompact ? pair.shortTexts.image : pair.imageText,
          "subsetText": cover.isCompact ? pair.shortTexts.subset : pair.subsetText,
          "alt": pair.altText,
        ]
      }
      var content = values(subject.finding)
      content["id"] = "verdict-\(index + 1)"
      content["name"] = subject.name
      content["evidence"] = evidence
      content["charts"] = charts
      content["link"] = subject.link.flatMap { site.reference($0, from: page) }
      return content
    }
    return [
      "question": cover.question, "answer": values(cover.answer),
      "certainty": cover.certainty.unbroken,
      "facts": cover.facts.map { ["name": $0.name, "value": $0.value] }, "subjects": subjects,
      "isCompact": cover.isCompact, "isSingle": cover.isSingle, "nextTitle": cover.nextTitle,
      "next": cover.next,
      "legend": [cover.omitted, cover.legend].filter { !$0.isEmpty }.joined(separator: " "),
    ]
  }

  private func values(_ finding: Finding) -> [String: Any] {
    var content: [String: Any] = [
      "status": finding.status.rawValue, "glyph": finding.status.glyph,
      "text": finding.text.unbroken,
    ]
    if !finding.word.isEmpty { content["word"] = finding.word.capitalizedFirst }
    return content
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

import Figures
import Foundation

/// Writes a document in every format, with its figures, into a folder.
package struct ReportWriter: Sendable {
  package let templates: String
  package let packaging: HTML.Packaging
  package let figureStyle: FigureStyle
  package let brand: Brand?

  package init(
    templates: String, packaging: HTML.Packaging, figureStyle: FigureStyle = .standard,
    brand: Brand? = nil
  ) {
    self.templates = templates
    self.packaging = packaging
    self.figureStyle = figureStyle
    self.brand = brand
  }

  /// `write`: stores one file, as a whole, under a relative path.
  ///
  /// Throws `ReportError`, `FigureError` or what `write` throws.
  package func write(_ document: Document, _ write: (String, Data) throws -> Void) throws {
    let html = try HTML(templates: templates, packaging: packaging, brand: brand).render(document)
    for (path, data) in html.sorted(by: { $0.key < $1.key }) { try write(path, data) }
    try write("report.pdf", PDF.render(document, brand: brand))
    try write("summary.md", Data(Markdown.render(document).utf8))
    for figure in document.figures(figureStyle) {
      for (name, data) in try figure.files { try write("figures/\(name)", data) }
    }
    for table in document.tables {
      try write("tables/\(table.name).csv", Data(table.data.csv.utf8))
    }
  }
}

extension Figure {
  /// PDF, SVG, PNG at 300 dots per inch, the numbers as CSV and the caption as a LaTeX float, by file
  /// name.
  ///
  /// - Throws: `FigureError`.
  package var files: [(name: String, data: Data)] {
    get throws {
      try FigureFormat.allCases.map { ("\(name).\($0.rawValue)", try render($0)) }
        + [("\(name).csv", Data(data.csv.utf8)), ("\(name).tex", Data(latex.utf8))]
    }
  }
}

/// Finds the folder of templates.
package enum Templates {
  /// Beside the installed program (`share/overinterp/templates`), or in the checkout it was built in.
  ///
  /// - Throws: `ReportError.noTemplates`.
  package static func locate(stated: String?, executable: String) throws -> String {
    if let stated { return stated }
    var folder = URL(fileURLWithPath: executable).resolvingSymlinksInPath()
      .deletingLastPathComponent()
    var searched = [
      folder.appendingPathComponent("../share/overinterp/templates").standardizedFileURL.path
    ]
    while folder.path != "/" {
      searched.append(folder.appendingPathComponent("templates").path)
      folder.deleteLastPathComponent()
    }
    let found = searched.first {
      FileManager.default.fileExists(atPath: $0 + "/report.mustache")
    }
    guard let found else { throw ReportError.noTemplates(searched: Array(searched.prefix(2))) }
    return found
  }
}

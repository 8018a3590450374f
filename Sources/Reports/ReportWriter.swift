import Figures
import Foundation

/// Writes a document in every format, with its figures, into a folder.
package struct ReportWriter: Sendable {
  package let templates: String
  package let packaging: HTML.Packaging

  package init(templates: String, packaging: HTML.Packaging) {
    self.templates = templates
    self.packaging = packaging
  }

  /// `write`: stores one file, as a whole, under a relative path.
  ///
  /// Throws `ReportError`, `FigureError` or what `write` throws.
  package func write(_ document: Document, _ write: (String, Data) throws -> Void) throws {
    let html = try HTML(templates: templates, packaging: packaging).render(document)
    for (path, data) in html.sorted(by: { $0.key < $1.key }) { try write(path, data) }
    try write("report.pdf", PDF.render(document))
    try write("summary.md", Data(Markdown.render(document).utf8))
    for figure in document.figures {
      for format in FigureFormat.allCases {
        try write("figures/\(figure.name).\(format.rawValue)", figure.render(format))
      }
      try write("figures/\(figure.name).csv", Data(figure.data.csv.utf8))
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

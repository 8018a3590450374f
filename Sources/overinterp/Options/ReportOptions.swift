import ArgumentParser
import Figures
import Foundation
import Reports

/// How the report is written.
struct ReportOptions: ParsableArguments {
  @Option(help: "HTML as one file (inline) or as a folder for strict policies (directory).")
  var html = HTML.Packaging.inline

  @Option(help: "Width of the figures in 'figures': as for the command of that name.")
  var figureStyle = FigureStyle.standard

  @Option(help: ArgumentHelp("Folder of report templates.", valueName: "folder"))
  var templates: String?

  /// Reads the templates at once, so that a missing one is told before any work.
  ///
  /// Throws `ReportError`.
  func writer() throws -> ReportWriter {
    let executable = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let folder = try Templates.locate(stated: templates, executable: executable)
    _ = try HTML(templates: folder, packaging: html)
    return ReportWriter(
      templates: folder,
      packaging: html, figureStyle: figureStyle)
  }
}

extension HTML.Packaging: ExpressibleByArgument {}

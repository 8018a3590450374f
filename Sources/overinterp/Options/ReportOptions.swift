import ArgumentParser
import Audit
import Figures
import Foundation
import Reports

/// How the report is written.
struct ReportOptions: ParsableArguments {
  @Option(help: "HTML as one file (inline) or as a folder for strict policies (directory).")
  var html = HTML.Packaging.inline

  @Option(help: "Width of the figures in 'figures': as for the command of that name.")
  var figureStyle = FigureStyle.standard

  @Option(
    help: ArgumentHelp(
      "Whose report it is: a title for its head, and a PNG of a logo after a comma.",
      valueName: "title,logo.png"))
  var brand: String?

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
      templates: folder, packaging: html, figureStyle: figureStyle, brand: try brand.map(read))
  }

  /// The longer side of a logo, in pixels: the head has no room for more.
  private static let mostLogo = 320
  /// What files of pictures end in; only PNG is read, and others are no part of a title.
  private static let pictures = ["png", "jpg", "jpeg", "svg", "gif", "webp", "bmp", "ico"]

  private func read(_ brand: String) throws -> Brand {
    let suffix = brand.split(separator: ".").last?.lowercased() ?? ""
    guard let comma = brand.lastIndex(of: ","), ReportOptions.pictures.contains(suffix) else {
      return Brand(title: brand)
    }
    let path = brand[brand.index(after: comma)...].trimmingCharacters(in: .whitespaces)
    do {
      return Brand(
        title: String(brand[..<comma]),
        logo: try PixelImage(pngFile: path).reduced(toSide: ReportOptions.mostLogo))
    } catch {
      throw AuditError.option(
        name: "--brand", reason: "'\(path)' cannot be read as a PNG file (\(error))")
    }
  }
}

/// Whether the report has an appendix for auditors.
struct AppendixOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Appendix for auditors, with what their catalogues ask for: in the PDF alone, everywhere, or none."
    ))
  var appendix = AuditAppendix.Placement.pdf
}

extension AuditAppendix.Placement: ExpressibleByArgument {}

extension HTML.Packaging: ExpressibleByArgument {}

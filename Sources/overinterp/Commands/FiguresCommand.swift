import ArgumentParser
import Audit
import AuditRun
import Figures
import Foundation
import Reports
import SharedWork
import Spelling

/// Figures for a paper.
struct FiguresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "Write the figures of a finished audit at the width of a venue's columns.",
    discussion: """
      Each as PDF, SVG, PNG at 300 dpi, CSV, and a LaTeX float with its caption. Include them without \
      scaling: type is 8 to 9 points.

      EXAMPLE
        overinterp figures report --style icml --only sis-size,heatmap -o paper/figures
      """)

  @Argument(
    help: ArgumentHelp("Output folder of an audit.", valueName: "folder"), completion: .directory)
  var folder: String

  @Option(
    help: "Width: \(FigureStyle.all.map { "\($0.name) (\($0.width) in)" }.joined(separator: ", "))."
  )
  var style = FigureStyle.standard

  @Option(
    help: ArgumentHelp(
      "Names of figures; all when left out. 'gallery' means those of all models.",
      valueName: "name,..."))
  var only: String?

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp(
      "Where they go (default: 'figures-STYLE' in the folder).", valueName: "folder"))
  var destination: String?

  /// Other words for figures.
  private static let aliases = [
    "heatmap": "pixel-locations", "gap": "correct-vs-misclassified",
    "transfer": "transferability", "backselect": "confidence-curves",
    "confidence": "confidence-by-group", "subset-vs-random": "subset-accuracy",
  ]

  func run() throws {
    let folder = RunFolder(folder)
    let document = try AuditDocument.stored(folder, libraries: ComputingLibraries.versions)
    let all = document.figures(style).filter { $0.name != "preprocessed" }
    let destination = RunFolder(destination ?? folder.file("figures-\(style.name)"))
    for figure in try chosen(all) {
      for (name, data) in try figure.files {
        try RecordFile.replace(destination.file(name), with: data)
      }
      let size = String(format: "%g × %.2f in", figure.width, figure.height)
      print("\(destination.file(figure.name + ".pdf"))  \(size)")
    }
  }

  private func chosen(_ all: [Figure]) throws -> [Figure] {
    guard let only else { return all }
    guard !only.isEmpty else { throw AuditError.option(name: "--only", reason: "names no figure") }
    return try only.split(separator: ",").flatMap { part in
      let stated = part.trimmingCharacters(in: .whitespaces)
      let name = FiguresCommand.aliases[stated] ?? stated
      let found = all.filter {
        $0.name == name || $0.name.hasPrefix(name + "-") && name == "gallery"
      }
      guard found.isEmpty else { return found }
      let names = all.map(\.name) + FiguresCommand.aliases.keys.sorted()
      throw AuditError.option(
        name: "--only",
        reason: "there is no figure '\(stated)'; "
          + (nearest(to: stated, among: names).map { "did you mean '\($0)'?" }
            ?? "there are \(names.joined(separator: ", "))"))
    }
  }
}

extension FigureStyle: ExpressibleByArgument {
  /// Accepts the name of a style.
  public init?(argument: String) {
    guard let style = FigureStyle.named(argument) else { return nil }
    self = style
  }

  /// Its name.
  public var defaultValueDescription: String { name }

  /// Names of all styles.
  public static var allValueStrings: [String] { all.map(\.name) }
}

import ArgumentParser
import Audit
import Foundation
import SharedWork

/// Two runs, image by image.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two finished audits image by image.",
    discussion: """
      Models are matched by name, images by name, picture and label.

      EXAMPLE
        overinterp compare tonight last-night -o changes
      """)

  @Argument(
    help: ArgumentHelp("Output folder of an audit.", valueName: "folder"), completion: .directory)
  var folder: String

  @Argument(help: ArgumentHelp("Output folder of the audit before.", valueName: "baseline"))
  var baseline: String

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp(
      "Where the report goes (default: 'comparison' in the first folder).", valueName: "folder"))
  var destination: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    let folder = RunFolder(folder)
    let writer = try report.writer()
    let results = try folder.results()
    try Baseline.check(baseline, isNot: folder.path)
    let comparison = try Comparison(results, Baseline(path: baseline))
    let destination = RunFolder(destination ?? folder.file("comparison"))
    let encoded = try CanonicalJSON.encode(comparison, pretty: true)
    try RecordFile.replace(destination.file("comparison.json"), with: encoded)
    let date = ISO8601DateFormatter().string(from: Date())
    try writer.write(comparison.document(results, date: date)) { name, data in
      try RecordFile.replace(destination.file(name), with: data)
    }
    if json {
      print(String(decoding: encoded, as: UTF8.self))
    } else {
      for sentence in comparison.sentences { print(sentence) }
      print("Report: \(destination.file("report.html")), \(destination.file("report.pdf"))")
    }
  }
}

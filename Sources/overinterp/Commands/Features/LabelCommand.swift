import ArgumentParser
import Audit
import AuditRun
import Foundation

/// Takes in what people said of components.
struct LabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Take in files in which people labelled components core or spurious.",
    discussion: """
      Files come from labels.html, or are labels.csv filled in by hand; each is one person's. A component is \
      what most of them say, and unknown where as many say one as the other. Earlier labels are replaced.

      EXAMPLE
        overinterp features label features labels-ana.csv labels-ben.csv
      """)

  @OptionGroup var options: FeatureFolderOptions

  @Argument(
    help: ArgumentHelp("CSV files, one for each person.", valueName: "labels.csv"),
    completion: .file(extensions: ["csv"]))
  var sheets: [String]

  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    let writer = try report.writer()
    let store = try options.store()
    let labels = try FeatureLabels(contentsOf: sheets, about: store.results().findings)
    try store.write(labels)
    let results = try store.results()
    try rewriteReport(of: options, results, writer)
    guard let summary = results.findings.labelling else { return }
    var lines = [
      "\(summary.core) core, \(summary.spurious) spurious, \(summary.tied) undecided, of "
        + "\(results.findings.tested) components; labels of \(summary.annotators.joined(separator: ", "))"
    ]
    if summary.annotators.count > 1 {
      lines.append(
        summary.agreement.map {
          "Krippendorff's alpha \(number($0, decimals: 2)) over \(summary.agreementCount) components"
        }
          ?? "Krippendorff's alpha cannot be told: of \(summary.agreementCount) components labelled twice all "
          + "have one label")
    }
    try StandardOutput.write(lines.joined(separator: "\n"))
  }
}

import ArgumentParser
import Audit

/// Writes the page for labels again.
struct PageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page",
    abstract: "Write labels.html, on which people say what components show.",
    discussion: """
      One file that needs no network. 'features' writes it too; of an audit's folder it is written on demand.

      EXAMPLE
        overinterp features page overinterp-report --model resnet
      """)

  @OptionGroup var options: FeatureFolderOptions
  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    let folder = try FeatureFolder(options.folder)
    let results = try folder.store(of: options.model).results()
    let name = folder.models.count == 1 ? "" : "\(fileName(results.findings.model))-"
    try FeatureOutput(folder: options.folder, writer: report.writer()).writeLabelPage(
      results, name: name)
    try StandardOutput.write(
      "\(options.folder)/\(name)labels.html, \(options.folder)/\(name)labels.csv")
  }
}

import ArgumentParser
import Audit
import AuditRun
import Datasets
import Foundation

/// Measures what labelled components cost a model.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Measure what labelled components cost: spurious scores, core and spurious accuracy.",
    discussion: """
      Spurious score: how well a class's confidence tells its images from others that show one of its spurious \
      features without the class, given in a folder for each class. Core and spurious accuracy: with noise on the \
      components labelled spurious, and on those labelled core.

      EXAMPLE
        overinterp features score features --images spurious-images
      """)

  @OptionGroup var options: FeatureFolderOptions

  @Option(
    help: ArgumentHelp(
      "Images that show a class's spurious feature without the class, a folder for each class.",
      valueName: "path"))
  var images: String?

  @Option(help: "Threads (default: one per core).")
  var workers: Int?

  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    let writer = try report.writer()
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    let store = try options.store()
    let results = try store.results()
    let read = try options.reopened(results, workers: workers)
    let termination = Termination {}
    let scores = try FeatureScoring(
      results, read.model, on: read.intake.dataset, at: read.featuresAt, workers: workers
    ).scores(on: images.map(read.images))
    termination.end()
    try store.write(scores)
    try rewriteReport(of: options, store.results(), writer)
    try StandardOutput.write(scores.lines.joined(separator: "\n"))
  }
}

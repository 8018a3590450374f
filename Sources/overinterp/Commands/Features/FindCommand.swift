import ArgumentParser
import Audit
import AuditRun
import Datasets
import Foundation
import SharedWork

/// Finds features.
struct FindCommand: FeatureRun {
  static let configuration = CommandConfiguration(
    commandName: "find",
    abstract: "Find the visual features that each class of a model rests on.",
    discussion: """
      Components of the last layer's features, where in an image they come from, what they look like, and \
      which of them turn images of other classes into theirs when pasted alone. Finished classes are kept: \
      the same command continues where it was stopped.

      EXAMPLE
        overinterp features resnet.onnx --data test-images --feature-data train-images -o features
      """)

  @Argument(
    help: ArgumentHelp("ONNX file.", valueName: "model.onnx"),
    completion: .file(extensions: ["onnx"]))
  var modelPath: String

  @OptionGroup var source: DataOptions
  @OptionGroup(title: "Features") var features: FeatureOptions

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("Folder for the report.", valueName: "folder"))
  var folder = "overinterp-features"

  @Option(help: "Components of each class.")
  var components = 10

  @Option(help: "Seed of every random draw.")
  var seed: UInt64 = 0

  @Option(help: "Threads (default: one per core).")
  var workers: Int?

  @Flag(help: "Look at a model whose accuracy is no better than chance.")
  var anyAccuracy = false

  @OptionGroup(title: "Report") var report: ReportOptions

  var modelPaths: [String] { [modelPath] }

  func validate() throws {
    guard components > 0 else { throw ValidationError("--components must be at least 1") }
  }

  func run() throws {
    let started = Date()
    let writer = try report.writer()
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    try RunFolder(folder).prepare()
    let read = try Intake(models: [modelPath], try source.statements(), workers: workers)
    announce(read)
    var settings = FeatureAnalysis.Settings()
    settings.components = components
    settings.seed = seed
    var analysis = try FeatureAnalysis(
      read.models[0], on: read.dataset,
      source: features.images([modelPath], source.intake, workers: workers),
      at: features.featuresAt, settings: settings, workers: workers)
    analysis.acceptsAnyAccuracy = anyAccuracy
    let progress = Progress()
    progress.say(
      "Features: input of \(analysis.head.type) '\(analysis.head.node)', \(analysis.head.featureCount) "
        + "numbers an image"
        + (features.featureData == nil
          ? "; components are found in the audited images (--feature-data)" : ""))
    let termination = Termination { progress.say("Stopping, and keeping finished classes …") }
    let store = FeatureFolder.store(in: folder)
    progress.start()
    let results = try analysis.run(into: store) { tell($0, progress) }
    termination.end()
    let date = ISO8601DateFormatter().string(from: Date())
    let run = RunDescription(
      date: date, workers: workers, batchSize: "auto", seconds: Date().timeIntervalSince(started),
      libraries: ComputingLibraries.versions, arguments: Array(CommandLine.arguments.dropFirst()),
      planDigest: try results.plan.digest)
    try RecordFile.replace("\(folder)/run.json", with: CanonicalJSON.encode(run, pretty: true))
    try FeatureOutput(folder: folder, writer: writer).write(results, date: date)
    try StandardOutput.write(FeatureDocument.summary(results))
    progress.say(
      "Report: \(folder)/features.html, \(folder)/features.pdf. Label what was found: \(folder)/labels.html"
    )
  }
}

/// Puts an event of an analysis into words.
func tell(_ event: FeatureAnalysis.Event, _ progress: Progress) {
  switch event {
  case .accuracy(let correct, let images):
    progress.say("Accuracy \(percent(Double(correct) / Double(images))) (\(correct) of \(images))")
  case .droppedLabels:
    Overinterp.warn(
      "labels of an earlier analysis, of other data or settings, are not of these components; give the files to "
        + "'overinterp features label' again where they still hold.")
  case .classes(let finished, let all):
    progress.update(
      "Class \(finished) of \(all)", fraction: Double(finished) / Double(all),
      isFinished: finished == all)
  }
}

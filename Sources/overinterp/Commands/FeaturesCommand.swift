import ArgumentParser
import Audit
import AuditRun
import Datasets
import Foundation

/// Which features the classes of a model rest on.
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Find the visual features that each class of a model rests on.",
    discussion: """
      Components of the last layer's features, where in an image they come from, what they look like, and \
      which of them turn images of other classes into theirs when pasted alone.

      EXAMPLE
        overinterp features resnet.onnx --data test-images --feature-data train-images -o features
      """)

  @Argument(
    help: ArgumentHelp("ONNX file.", valueName: "model.onnx"),
    completion: .file(extensions: ["onnx"]))
  var modelPath: String

  @OptionGroup var source: DataOptions

  @Option(
    help: ArgumentHelp(
      "Images to find components in, such as those the model was trained on (default: --data).",
      valueName: "path[:format]"))
  var featureData: String?

  @Option(
    help: ArgumentHelp(
      "Node of the last linear layer, or its input, where the graph does not tell.",
      valueName: "node"))
  var featuresAt: String?

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

  @OptionGroup(title: "Report") var report: ReportOptions

  func validate() throws {
    guard components > 0 else { throw ValidationError("--components must be at least 1") }
  }

  func run() throws {
    let writer = try report.writer()
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    let read = try Intake(models: [modelPath], try source.statements(), workers: workers)
    announce(read)
    let images = try featureData.map { path in
      let own = try Intake(
        models: [modelPath], try source.intake.statements(data: path), workers: workers)
      return own.dataset
    }
    var settings = FeatureAnalysis.Settings()
    settings.components = components
    settings.seed = seed
    let analysis = try FeatureAnalysis(
      read, source: images, at: featuresAt, settings: settings, workers: workers)
    let progress = Progress()
    progress.say(
      "Features: input of \(analysis.head.type) '\(analysis.head.node)', \(analysis.head.featureCount) "
        + "numbers an image"
        + (featureData == nil
          ? "; components are found in the audited images (--feature-data)" : ""))
    progress.start()
    let (findings, pictures) = try analysis.run { done, all in
      progress.update(
        "Class \(done) of \(all)", fraction: Double(done) / Double(all), isFinished: done == all)
    }
    try RecordFile.replace(
      "\(folder)/features.json", with: CanonicalJSON.encode(findings, pretty: true))
    let document = FeatureDocument.make(
      findings, pictures: pictures, date: ISO8601DateFormatter().string(from: Date()))
    try writer.write(document) { name, data in
      try RecordFile.replace(
        "\(folder)/\(name.replacing(/^report\./, with: "features."))", with: data)
    }
    try StandardOutput.write(FeatureDocument.summary(findings))
    progress.say("Report: \(folder)/features.html, \(folder)/features.pdf")
  }
}

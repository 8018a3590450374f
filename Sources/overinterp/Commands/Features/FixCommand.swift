import ArgumentParser
import Audit
import AuditRun
import Datasets
import Foundation
import SharedWork

/// Takes spurious components out of a model.
struct FixCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fix",
    abstract: "Write a model without the components that were labelled spurious.",
    discussion: """
      Each class's logit loses what its spurious components add to it (SpuFix), as nodes of a new ONNX file; \
      no training. Accuracy and flips are told on the same images before and after, and in fix.json.

      EXAMPLE
        overinterp features fix features -o fixed.onnx
      """)

  @OptionGroup var options: FeatureFolderOptions

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("The repaired model.", valueName: "fixed.onnx"))
  var destination: String

  @Option(
    help: ArgumentHelp(
      "Images that show a class's spurious feature without the class, a folder for each class.",
      valueName: "path"))
  var images: String?

  @Option(help: "Threads (default: one per core).")
  var workers: Int?

  func run() throws {
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    let results = try options.store().results()
    let read = try options.reopened(results, workers: workers)
    let spurious = try images.map(read.images)
    let termination = Termination {}
    let repair = try FeatureRepair(results, read.model, at: read.featuresAt, workers: workers)
    try repair.write(to: destination)
    let changes = try repair.compare(
      destination, on: read.intake.dataset, source: read.source, spurious: spurious)
    termination.end()
    try RecordFile.replace(
      "\(options.folder)/fix.json", with: CanonicalJSON.encode(changes, pretty: true))
    try StandardOutput.write((changes.lines + ["Repaired: \(destination)"]).joined(separator: "\n"))
  }
}

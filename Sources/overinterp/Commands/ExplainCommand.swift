import ArgumentParser
import Audit
import AuditRun
import Datasets
import Foundation
import SharedWork

/// One image.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Find what suffices for a model's decision about one image.",
    discussion: """
      IMAGE is a picture file, or an image of a dataset as PATH[INDEX].

      EXAMPLE
        overinterp explain resnet.onnx 'cifar-10-batches-bin[17]' -o explanation.png
      """)

  @Argument(
    help: ArgumentHelp("ONNX file.", valueName: "model.onnx"),
    completion: .file(extensions: ["onnx"]))
  var modelPath: String

  @Argument(help: ArgumentHelp("Image file, or PATH[INDEX].", valueName: "image"))
  var image: String

  @OptionGroup var intake: IntakeOptions
  @OptionGroup(title: "Method") var method: MethodOptions

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("A picture (.png, .pdf, .svg) or all numbers (.json).", valueName: "file"))
  var destination: String?

  @Option(help: "The most disjoint subsets per threshold; 0 for all.")
  var maxSubsets = 3

  @Option(help: "Threads (default: one per core).")
  var workers: Int?

  func run() throws {
    var settings = try method.settings()
    let format = try destination.map(Explanation.Format.init(path:))
    let (path, index) = splitIndex(image)
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    let read = try Intake(
      models: [modelPath], try intake.statements(data: path), workers: workers,
      checksImages: false)
    announce(read)
    settings = method.settings(for: read.models, settings)
    let dataset = read.dataset
    guard index < dataset.count else {
      throw AuditError.option(
        name: "'\(image)'", reason: "the dataset has \(dataset.count) images, counted from 0")
    }
    let progress = Progress()
    let search = ExplanationSearch(
      read.models[0], dataset: dataset, settings: settings,
      maxSubsets: maxSubsets == 0 ? .max : maxSubsets, workers: workers)
    let explanation = try search.explain(index, name: image) {
      progress.update("BackSelect", fraction: $0, isFinished: $0 == 1)
    }
    if let destination, let format {
      try RecordFile.replace(destination, with: explanation.encoded(as: format))
    }
    for warning in explanation.warnings { Overinterp.warn(warning) }
    try StandardOutput.write(explanation.summary)
  }

  /// "PATH[INDEX]" as its parts; index 0 without brackets.
  private func splitIndex(_ text: String) -> (String, Int) {
    guard text.hasSuffix("]"), let open = text.lastIndex(of: "["),
      let index = Int(text[text.index(after: open)...].dropLast()), index >= 0
    else { return (text, 0) }
    return (String(text[..<open]), index)
  }
}

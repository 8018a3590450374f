import ArgumentParser
import Audit
import AuditRun
import Datasets
import Foundation
import Inference
import SharedWork

/// Model output for every image.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Write a model's output for every image; print accuracy when there are labels.",
    discussion: """
      EXAMPLE
        overinterp predict resnet.onnx --data test-images -o logits.npy
      """)

  @Argument(
    help: ArgumentHelp("ONNX file.", valueName: "model.onnx"),
    completion: .file(extensions: ["onnx"]))
  var modelPath: String

  @OptionGroup var source: DataOptions

  @Option(help: "Only the first so many images.")
  var limit: Int?

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("NumPy file of the outputs [images, classes].", valueName: "file.npy"))
  var destination: String?

  @Option(help: "Threads (default: one per core).")
  var workers: Int?

  func run() throws {
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    var statements = try source.statements()
    statements.firstImages = limit
    let read = try Intake(models: [modelPath], statements, workers: workers)
    announce(read)
    let (dataset, audited) = (read.dataset, read.models[0])
    guard dataset.count > 0 else { throw AuditRunError.noImages(path: dataset.path) }
    let outputs = try audited.outputs(
      of: Array(0..<dataset.count), dataset: dataset, workers: workers, batchSize: nil)
    let classes = audited.network.classCount
    let rows = (0..<dataset.count).map { outputs[$0 * classes..<($0 + 1) * classes] }
    let predicted = rows.map { ClassScore.predictedClass($0) }
    if let destination {
      // A binary head's file has the one number per image that the model gives.
      let columns = audited.network.head == .binary ? 1 : classes
      try RecordFile.replace(
        destination,
        with: NPYArray.encode(
          rows.flatMap { $0.suffix(columns) }, shape: [dataset.count, columns]))
    } else {
      try write(rows, predicted, dataset, audited.network)
    }
    try tellAccuracy(predicted, dataset, audited)
  }

  private func write(
    _ rows: [ArraySlice<Float>], _ predicted: [Int], _ dataset: Dataset, _ network: Network
  ) throws {
    let lines = zip(rows, predicted).enumerated().map { image, answer in
      let score = ClassScore(classIndex: answer.1, outputKind: network.outputKind)
      return [
        oneField(dataset.identifiers[image]), String(answer.1),
        oneField(dataset.className(answer.1)),
        String(format: "%.4f", score.confidence(answer.0)),
      ].joined(separator: "\t")
    }
    try StandardOutput.write(lines.joined(separator: "\n"))
  }

  /// A name in one field of one line, whatever characters it has.
  private func oneField(_ name: String) -> String {
    name.replacingOccurrences(of: "\t", with: "\\t").replacingOccurrences(of: "\n", with: "\\n")
      .replacingOccurrences(of: "\r", with: "\\r")
  }

  private func tellAccuracy(
    _ predicted: [Int], _ dataset: Dataset, _ audited: AuditedModel
  ) throws {
    guard let labels = dataset.labels else { return }
    let (correct, count) = (zip(predicted, labels).count { $0 == $1 }, labels.count)
    let line =
      "accuracy \(String(format: "%.3f", Double(correct) / Double(count))) (\(correct) of \(count))"
    if destination == nil {
      FileHandle.standardError.write(Data((line + "\n").utf8))
    } else {
      try StandardOutput.write(line)
    }
    if let doubt = Plausibility.doubt(
      model: audited.name, predicted: predicted, dataset: dataset,
      classes: audited.network.classCount)
    {
      Overinterp.warn(doubt.description)
    }
  }
}

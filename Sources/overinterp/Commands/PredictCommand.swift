import ArgumentParser
import Audit
import Datasets
import Foundation
import Inference

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

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions
  @OptionGroup(title: "Model") var model: ModelOptions

  @Option(help: "Only the first so many images.")
  var limit: Int?

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("NumPy file of the outputs [images, classes].", valueName: "file.npy"))
  var destination: String?

  @Option(help: "Threads (default: one per core).")
  var workers: Int?

  func run() throws {
    let dataset = try data.open()
    let audited = try model.audited(modelPath, preprocessing, dataset: dataset)
    try dataset.checkLabels(classes: audited.network.classCount)
    let count = min(limit ?? .max, dataset.count)
    guard count > 0 else { throw AuditError.noImages(path: dataset.path) }
    let outputs = try audited.outputs(
      of: Array(0..<count), dataset: dataset,
      workers: workers ?? ProcessInfo.processInfo.activeProcessorCount, batchSize: nil)
    let classes = audited.network.classCount
    let predicted = (0..<count).map {
      ClassScore.predictedClass(outputs[$0 * classes..<($0 + 1) * classes])
    }
    if let destination {
      try RecordFile.replace(
        destination, with: NPYArray.encode(outputs, shape: [count, classes]))
    } else {
      for (image, predicted) in predicted.enumerated() {
        let row = outputs[image * classes..<(image + 1) * classes]
        let score = ClassScore(classIndex: predicted, outputKind: audited.network.outputKind)
        print(
          dataset.identifiers[image], predicted, dataset.className(predicted),
          String(format: "%.4f", score.confidence(row)), separator: "\t")
      }
    }
    guard let labels = dataset.labels else { return }
    let correct = zip(predicted, labels).count { $0 == $1 }
    let line =
      "accuracy \(String(format: "%.3f", Double(correct) / Double(count))) (\(correct) of \(count))"
    if destination == nil {
      FileHandle.standardError.write(Data((line + "\n").utf8))
    } else {
      print(line)
    }
  }
}

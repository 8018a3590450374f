import ArgumentParser
import AuditRun
import Datasets
import Foundation

/// Whether a model is read right, and how it would be.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Try the usual other readings of a model and its images, and print the flags to type.",
    discussion: """
      Channel order, scale, the common means and deviations, resizing, transposed images, and the order \
      of the classes, on up to 200 images; accuracy of each, best first.

      EXAMPLE
        overinterp doctor resnet.onnx --data test-images
      """)

  @Argument(
    help: ArgumentHelp("ONNX file.", valueName: "model.onnx"),
    completion: .file(extensions: ["onnx"]))
  var modelPath: String

  @OptionGroup var source: DataOptions

  @Flag(help: "Show all readings, not the best ten.")
  var all = false

  @Option(help: "Threads (default: one per core).")
  var workers: Int?

  func run() throws {
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    var statements = try source.statements()
    statements.isExamination = true
    let read = try Intake(models: [modelPath], statements, workers: workers)
    announce(read)
    let doctor = try Doctor(read, isTransposed: source.intake.reading.transpose, workers: workers)
    func share(_ correct: Int) -> String {
      String(format: "%.3f", Double(correct) / Double(doctor.images))
    }
    try StandardOutput.write(
      "\(doctor.images) images, as they are read now: accuracy \(share(doctor.correct))")
    for finding in doctor.findings.prefix(all ? .max : 10) {
      try StandardOutput.write(
        "  \(share(finding.correct))  \(finding.what)\n         "
          + finding.flags.joined(separator: " "))
    }
    try StandardOutput.write(conclusion(doctor, share))
  }

  private func conclusion(_ doctor: Doctor, _ share: (Int) -> String) -> String {
    if let cure = doctor.cure {
      return
        "Read otherwise, accuracy is \(share(cure.correct)) instead of \(share(doctor.correct)) "
        + "(\(cure.what)). Type: " + cure.flags.joined(separator: " ")
    }
    if let best = doctor.findings.first, best.correct > doctor.correct {
      return
        "These images cannot tell: read otherwise (\(best.what); \(best.flags.joined(separator: " "))) "
        + "accuracy would be \(share(best.correct)) instead of \(share(doctor.correct)), which may be "
        + "chance. Try more images, of all classes."
    }
    return doctor.canTell
      ? "No usual reading is better: the model is read right, as far as these images tell."
      : "These images cannot tell: no usual reading is better than this one, and this one is no better "
        + "than one answer for all of them (\(share(doctor.mostFrequent))). The labels, or the model, "
        + "may be of other data; or the images are of too few classes."
  }
}

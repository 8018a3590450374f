import ArgumentParser
import Audit
import AuditRun
import Datasets
import Foundation
import Inference
import SharedWork
import SufficientInputSubsets

/// Measures every BackSelect method against exact BackSelect on the fixture models.
///
/// Exact trials take about a minute each; all trials are stored, so that a second run only adds.
@main struct Fidelity: ParsableCommand {
  @Option(help: "The fixtures folder.") var fixtures = "fixtures"
  @Option(help: "Images per model.") var images = 20
  @Option(help: "Only the small images or the large ones; the other part of the page stays.")
  var only: Part?
  @Option(help: "Class folders of photographs for the large network.")
  var photographs = ".build/photographs"
  @Option(help: "Threads, each with an image of its own.") var workers = 2
  @Option(help: "Where finished trials are kept.") var store = ".build/fidelity"
  @Option(help: "Where FIDELITY.md and its figure go.") var docs = "docs"

  enum Part: String, ExpressibleByArgument { case small, large }

  static let models = ["resnet20-a", "resnet20-b", "vgg8"]
  static let thresholds = [0.5, 0.7, 0.9, 0.95, 0.99]

  func run() throws {
    if only != .large {
      let rows = try smallImages()
      let report = FidelityReport(
        rows: rows, models: Fidelity.models, images: images, thresholds: Fidelity.thresholds)
      try report.write(to: docs)
      print(report.table)
      try checkDefault(rows)
    }
    if only != .small {
      let large = try largeImages()
      try large.write(to: docs)
      print(large.table)
    }
  }

  /// Every method beside *exact*, on the models for 28×28.
  private func smallImages() throws -> [FidelityReport.Row] {
    let dataset = try Dataset.open("\(fixtures)/fashion-mnist")
    let subjects = try Fidelity.models.map {
      try Subject("\(fixtures)/models/\($0).onnx", dataset: dataset, count: images, step: 37)
    }
    let exact = try trials(.exact, subjects)
    return try MethodUnderTest.all.map { method in
      let found = try trials(method, subjects)
      let pairs = subjects.indices.map { subject in
        zip(found[subject], exact[subject]).map {
          Comparison.Pair(trial: $0, exact: $1, costs: subjects[subject].costs)
        }
      }
      return FidelityReport.Row(
        method: method,
        overall: Comparison(pairs.flatMap { $0 }, thresholds: Fidelity.thresholds),
        byModel: pairs.map { Comparison($0, thresholds: Fidelity.thresholds) })
    }
  }

  /// Methods for large images beside *gradient* with the paper's block, on photographs.
  private func largeImages() throws -> LargeImages {
    let dataset = try Dataset.open(photographs)
    let subject = try Subject(
      "\(fixtures)/imagenet/efficientnet-lite0.onnx", dataset: dataset, count: dataset.count,
      step: 1)
    return LargeImages(
      name: "EfficientNet-Lite0", pixels: subject.network.input.pixelCount,
      rows: try MethodUnderTest.large.map { method in
        LargeImages.Row(method: method, trials: try trials(method, [subject])[0])
      }, thresholds: Fidelity.thresholds)
  }

  /// What the default method promises, on each model.
  private func checkDefault(_ rows: [FidelityReport.Row]) throws {
    guard let row = rows.first(where: \.method.isDefault) else { return }
    for (model, found) in zip(Fidelity.models, row.byModel) {
      let ratio = found.ratio?.mean ?? .infinity
      guard ratio <= 0.95, found.multiplyAddsShare <= 1 / 30.0 else {
        print("\(model): SIS size \(ratio) of exact's at \(found.multiplyAddsShare) of its work")
        throw ExitCode.failure
      }
    }
  }

  /// `[model][image]`, from the store where it has them.
  private func trials(_ method: MethodUnderTest, _ subjects: [Subject]) throws -> [[Trial]] {
    let jobs = subjects.indices.flatMap { subject in
      subjects[subject].images.indices.map { (subject: subject, image: $0) }
    }
    let found = try concurrentMap(
      count: jobs.count, workers: workers,
      makeState: {
        try subjects.map {
          try SearchSessions(
            $0.network, batchSize: 64, gradient: method.method.needsGradient)
        }
      },
      body: { [store] index, sessions in
        let (number, position) = jobs[index]
        let subject = subjects[number]
        let image = subject.images[position]
        let folder =
          "\(store)/\(Trial.version)/\(method.id)/\(subject.name)-\(subject.digest.prefix(8))"
        let path = "\(folder)/\(image.index).json"
        if let stored = RecordFile.read(Trial.self, from: path) { return stored }
        let trial = try Trial(
          method.method, image, subject, sessions[number], thresholds: Fidelity.thresholds)
        try RecordFile.write(trial, to: path)
        return trial
      })
    return subjects.indices.map { subject in
      zip(jobs, found).filter { $0.0.subject == subject }.map(\.1)
    }
  }
}

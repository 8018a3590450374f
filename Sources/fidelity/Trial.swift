import AuditRun
import Datasets
import Foundation
import Inference
import ONNX
import SufficientInputSubsets

/// A fixture model with everything a BackSelect needs.
struct Subject: Sendable {
  let name: String
  let digest: String
  let network: Network
  let images: [Image]
  let costs: Costs

  /// What one evaluation and one gradient take.
  struct Costs: Sendable {
    let evaluationMultiplyAdds: Int
    let gradientMultiplyAdds: Int
    /// Time of a gradient as a multiple of an evaluation's, measured on this processor.
    let gradientInEvaluations: Double
  }

  struct Image: Sendable {
    let index: Int
    let pixels: [Float]
    let predictedClass: Int
  }

  /// Loads a model, and images it is at least 50% sure of and does not call what it calls the blank
  /// image.
  ///
  /// `count`: the most images to take: every `step`th of the dataset.
  init(_ path: String, dataset: Dataset, count: Int, step: Int) throws {
    let file = URL(fileURLWithPath: path)
    let folder = file.deletingLastPathComponent().path
    name = file.deletingPathExtension().lastPathComponent
    digest = try AuditedModel.digest(
      ofFiles: [path]
        + Model.externalDataFiles(ofModelAt: path).map { "\(folder)/\($0)" })
    let network = try Network(Model(contentsOf: path), name: path)
    self.network = network
    let model = AuditedModel(
      name: name, path: path, digest: digest, network: network,
      preprocessor: try Preprocessor(
        Preprocessing(contentsOf: "\(folder)/\(name).preprocess.json"),
        height: network.input.height, width: network.input.width,
        channels: network.input.channels))
    let predictor = Predictor(network, batchSize: 64)
    let blank = try predictor.outputs(count: 1) { _, target in target.update(repeating: 0) }
    let blankClass = ClassScore.predictedClass(blank)
    var images: [Image] = []
    // The step shares no factor with the dataset's size, so that every image is met once.
    for position in 0..<dataset.count where images.count < count {
      let index = position * step % dataset.count
      let pixels = try model.image(index, of: dataset)
      let output = try predictor.outputs(count: 1) { _, target in
        _ = target.update(fromContentsOf: pixels)
      }
      let predicted = ClassScore.predictedClass(output)
      let score = ClassScore(classIndex: predicted, outputKind: network.outputKind)
      if predicted != blankClass, score.confidence(output) >= 0.5 {
        images.append(Image(index: index, pixels: pixels, predictedClass: predicted))
      }
    }
    self.images = images
    costs = try Costs(network, pixels: images[0].pixels)
  }
}

extension Subject.Costs {
  fileprivate init(_ network: Network, pixels: [Float]) throws {
    evaluationMultiplyAdds = try network.windowCoverage(height: 1, width: 1).multiplyAdds
    // Forward, and once more backward through every layer.
    gradientMultiplyAdds = 2 * network.multiplyAdds
    var decision = try NetworkClassifier(
      SearchSessions(network, batchSize: 64, gradient: true), image: pixels, imageName: "timing",
      maskValue: [Float](repeating: 0, count: network.input.channels),
      score: ClassScore(classIndex: 0, outputKind: network.outputKind), kind: .logOdds)
    var visible = PixelSet.all(of: network.input.pixelCount)
    let candidates = Array(0..<24)
    var evaluation = Double.infinity
    var gradient = Double.infinity
    for pass in 0..<20 {
      visible.remove(100 + pass)
      let start = DispatchTime.now().uptimeNanoseconds
      _ = try decision.maskGradient(visible: visible)
      let middle = DispatchTime.now().uptimeNanoseconds
      _ = try decision.evaluateToggling(eachOf: candidates, visible: visible)
      let end = DispatchTime.now().uptimeNanoseconds
      gradient = min(gradient, Double(middle - start))
      evaluation = min(evaluation, Double(end - middle) / Double(candidates.count))
    }
    gradientInEvaluations = gradient / evaluation
  }
}

/// One BackSelect of one image by one method, as stored between runs of the benchmark.
struct Trial: Codable, Sendable {
  /// To be raised when a method or the network changes what a trial finds.
  static let version = 7

  let order: [Int]
  /// By threshold; nil where the image does not reach it.
  let sizes: [Double: Int]
  /// Pixels of the smallest subset that gives the class the highest output.
  let topOneSize: Int?
  let evaluations: Int
  let gradients: Int
  let tiedSteps: Int
  /// Steps whose best candidate Float32 probability could not have told from another.
  let probabilityTies: Int
  /// Of the thread that ran it.
  let processorSeconds: Double

  /// The logarithm of the size relative to another trial's, by threshold; nil where there is none.
  func logRatios(to other: Trial, thresholds: [Double]) -> [Double?] {
    thresholds.map { threshold in
      guard let size = sizes[threshold], let otherSize = other.sizes[threshold], size > 0,
        otherSize > 0
      else { return nil }
      return log(Double(size) / Double(otherSize))
    }
  }
}

extension Trial {
  /// Runs a method on one image, on the calling thread.
  init(
    _ method: BackSelectMethod, _ image: Subject.Image, _ subject: Subject,
    _ sessions: SearchSessions, thresholds: [Double]
  ) throws {
    var decision = TieCounter(
      NetworkClassifier(
        sessions, image: image.pixels, imageName: "\(image.index)",
        maskValue: [Float](repeating: 0, count: subject.network.input.channels),
        score: ClassScore(
          classIndex: image.predictedClass, outputKind: subject.network.outputKind),
        kind: .logOdds))
    let start = Trial.processorTime()
    let run = try method.run(
      from: .all(of: subject.network.input.pixelCount), on: &decision, thresholds: thresholds)
    self.init(
      order: run.order,
      sizes: Dictionary(
        uniqueKeysWithValues: thresholds.compactMap { threshold in
          run.sufficientInputSubsetSize(threshold: threshold).map { (threshold, $0) }
        }),
      topOneSize: run.topOneSubsetSize, evaluations: run.cost.evaluations,
      gradients: run.cost.gradients,
      tiedSteps: run.cost.tiedSteps, probabilityTies: decision.tiedSteps,
      processorSeconds: Trial.processorTime() - start)
  }

  private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Counts the steps whose best candidates have the same probability in Float32.
private struct TieCounter: Classifier {
  private var base: NetworkClassifier
  private(set) var tiedSteps = 0

  init(_ base: NetworkClassifier) {
    self.base = base
  }

  var pixelCount: Int { base.pixelCount }

  mutating func evaluate(_ visibleSets: [PixelSet]) throws -> [Evaluation] {
    try base.evaluate(visibleSets)
  }

  mutating func evaluateToggling(
    eachOf candidates: [Int], visible: PixelSet
  ) throws -> [Evaluation] {
    let found = try base.evaluateToggling(eachOf: candidates, visible: visible)
    let probabilities = found.map { Float($0.confidence) }
    let best = probabilities.max()
    if probabilities.count(where: { $0 == best }) > 1 { tiedSteps += 1 }
    return found
  }

  mutating func maskGradient(visible: PixelSet) throws -> [Float] {
    try base.maskGradient(visible: visible)
  }
}

import Audit
import Datasets
import Features
import Foundation
import Inference
import SharedWork
import Statistics

/// What labelled components cost a model: on images that show them without the class, and under noise.
package struct FeatureScoring: Sendable {
  private let results: FeatureResults
  private let model: AuditedModel
  private let head: LinearHead
  private let audited: Dataset
  private let workers: Int
  /// Of the noise.
  private let seed: UInt64 = 0

  /// `model`: the one that the features are of.
  ///
  /// `node`: label or input of its last linear layer; nil to find it.
  ///
  /// Throws `FeatureError.otherModel` and `InferenceError`.
  package init(
    _ results: FeatureResults, _ model: AuditedModel, on audited: Dataset, at node: String?,
    workers: Int
  ) throws {
    guard model.digest == results.plan.modelDigest else {
      throw FeatureError.otherModel(model: model.name)
    }
    self.results = results
    (self.model, head) = try model.withFeatures(at: node)
    self.audited = audited
    self.workers = workers
  }

  /// `images`: that show a class's spurious feature without the class, labelled with it; nil without.
  ///
  /// Throws what reading images and running the network throws.
  package func scores(on images: Dataset?) throws -> FeatureScores {
    let spurious = try images.map { images in
      let outputs = try model.outputs(
        of: Array(0..<audited.count), dataset: audited, workers: workers, batchSize: nil)
      return try SpuriousImages(images, model, workers: workers).scores(
        against: Outputs(outputs, of: audited, model))
    }
    let reason = reasonWithoutNoise
    return FeatureScores(
      spurious: spurious ?? [],
      coreAccuracy: reason == nil ? try accuracy(noiseOn: .spurious) : nil,
      spuriousAccuracy: reason == nil ? try accuracy(noiseOn: .core) : nil,
      noiseReason: reason)
  }

  private var reasonWithoutNoise: String? {
    if head.map == nil {
      return "features of this model are no means over a map that tells where in an image they are"
    }
    let labels = results.findings.classes.flatMap(\.components).map(\.label)
    return labels.contains(.core) || labels.contains(.spurious)
      ? nil : "no component is labelled core or spurious"
  }

  /// Accuracy with noise on the components of one label, of classes that have some.
  private func accuracy(noiseOn label: FeatureFindings.Label) throws -> FeatureScores.Noise? {
    let directions = Dictionary(
      uniqueKeysWithValues: results.records.enumerated().map { index, record in
        (
          record.known.classIndex,
          results.places(label, ofClassAt: index).map { record.direction(of: $0, head) }
        )
      }
    ).filter { !$0.value.isEmpty }
    let labels = audited.labels ?? []
    let images = labels.indices.filter { directions[labels[$0]] != nil }
    let starts = Array(stride(from: 0, to: images.count, by: FeatureScoring.chunk))
    let answers = try concurrentMap(
      count: starts.count, workers: workers,
      makeState: { FeatureExtractor(head, model.predictor()) },
      body: { index, extractor in
        let chunk = Array(images[starts[index]...].prefix(FeatureScoring.chunk))
        return try noised(chunk, directions, extractor)
      }
    ).flatMap { $0 }
    var counts = NoiseAccuracy(classCount: head.classCount)
    for (image, answer) in zip(images, answers) {
      counts.add(label: labels[image], predictedClass: answer.noised)
    }
    func estimate(_ predicted: [Int]) -> MeanEstimate? {
      MeanEstimate(
        successes: zip(images, predicted).count { labels[$0] == $1 }, of: images.count)
    }
    guard let accuracy = estimate(answers.map(\.noised)),
      let clean = estimate(answers.map(\.clean)), let mean = counts.meanOverClasses
    else { return nil }
    return FeatureScores.Noise(
      accuracy: accuracy, clean: clean, meanOverClasses: mean,
      classes: counts.total.count { $0 > 0 })
  }

  /// Images that one worker takes at a time.
  private static let chunk = 32

  /// What the model takes images for, as they are and with noise where components lie.
  private func noised(
    _ images: [Int], _ directions: [Int: [[Double]]], _ extractor: FeatureExtractor
  ) throws -> [(clean: Int, noised: Int)] {
    guard let map = head.map else { return [] }
    let pictures = try images.map { try model.image($0, of: audited) }
    let found = try extractor.find(count: images.count, withMaps: true) { index, target in
      _ = target.update(fromContentsOf: pictures[index])
    }
    let unit = model.preprocessor.unitScale
    let scale = PixelScale(mean: unit.mean, std: unit.std)
    let size = head.featureCount * map.height * map.width
    let changed = images.indices.map { index -> [Float] in
      let label = audited.labels?[images[index]] ?? 0
      guard
        let mask = mask(
          directions[label] ?? [], map: found.maps[index * size..<(index + 1) * size])
      else { return pictures[index] }
      var generator = SeededGenerator(seed: seed, stream: UInt64(images[index]))
      let pixels = scale.pixels(pictures[index])
      return scale.input(
        NoiseAccuracy.noised(
          pixels, by: pixels.map { _ in NoiseAccuracy.deviation * generator.normal() }, on: mask))
    }
    let outputs = try extractor.find(count: images.count) { index, target in
      _ = target.update(fromContentsOf: changed[index])
    }.outputs
    let classes = head.classCount
    func predicted(_ outputs: [Float], _ index: Int) -> Int {
      ClassScore.predictedClass(outputs[index * classes..<(index + 1) * classes])
    }
    return images.indices.map { (predicted(found.outputs, $0), predicted(outputs, $0)) }
  }

  /// Where some components add to the logit: the largest of their heatmaps, each divided by its maximum and
  /// enlarged.
  private func mask(_ directions: [[Double]], map: ArraySlice<Float>) -> HeatMap? {
    let input = model.network.input
    return head.map.flatMap { own in
      HeatMap.largest(
        of: directions.map { direction in
          HeatMap(
            height: own.height, width: own.width,
            values: ClassComponents.heatmap(of: direction, map: map)
          ).positive.normalized.enlarged(height: input.height, width: input.width)
        })
    }
  }
}

extension SeededGenerator {
  /// A draw from the standard normal distribution (Box and Muller 1958).
  fileprivate mutating func normal() -> Double {
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &self))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
  }
}

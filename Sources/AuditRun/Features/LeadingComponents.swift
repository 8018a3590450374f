import Audit
import Datasets
import Features
import Inference
import SharedWork

/// Finds for audited images which component adds most to the logit of the class predicted, and where in the
/// image that comes from.
package struct LeadingComponents: Sendable {
  private let model: AuditedModel
  private let head: LinearHead
  private let dataset: Dataset
  private let records: [Int: FeatureRecord]
  private let workers: Int

  /// Images whose mean replaces patches, at most.
  private static let mostMeanImages = 100

  /// `results`: of the model.
  ///
  /// `dataset`: the audited data.
  ///
  /// Throws `InferenceError`.
  package init(
    _ results: FeatureResults, _ model: AuditedModel, at node: String?, of dataset: Dataset,
    workers: Int
  ) throws {
    (self.model, head) = try model.withFeatures(at: node)
    self.dataset = dataset
    records = Dictionary(
      uniqueKeysWithValues: results.records.map { ($0.known.classIndex, $0) })
    self.workers = workers
  }

  /// Without images of whose class no component was found, or to whose logit none adds.
  ///
  /// `images`: of the dataset.
  ///
  /// Throws what reading images and running the network throws.
  package func find(in images: [Int]) throws -> [LeadingComponent] {
    let step = max(1, dataset.count / LeadingComponents.mostMeanImages)
    let usual = try model.meanImage(
      of: Array(stride(from: 0, to: dataset.count, by: step)), dataset: dataset)
    return try concurrentMap(
      count: images.count, workers: workers,
      makeState: { FeatureExtractor(head, model.predictor()) },
      body: { index, extractor in try leading(images[index], usual: usual, extractor) }
    ).compactMap { $0 }
  }

  private func leading(
    _ image: Int, usual: [Float], _ extractor: FeatureExtractor
  ) throws -> LeadingComponent? {
    let pixels = try model.image(image, of: dataset)
    let found = try extractor.find(count: 1) { _, target in
      _ = target.update(fromContentsOf: pixels)
    }
    let predicted = ClassScore.predictedClass(found.outputs)
    guard let record = records[predicted] else { return nil }
    let directions = record.known.components.indices.map { record.direction(of: $0, head) }
    let alphas = directions.indices.map { place in
      record.constant(of: place)
        + LeadingComponents.sum(directions[place], found.features[...])
    }
    guard let place = alphas.indices.max(by: { alphas[$0] < alphas[$1] }), alphas[place] > 0
    else { return nil }
    let added = alphas.reduce(0) { $0 + max($1, 0) }
    return LeadingComponent(
      image: image, classIndex: predicted, component: record.known.components[place].index,
      alpha: alphas[place], share: alphas[place] / added,
      region: try heat(
        directions[place], found.features, pixels: pixels, usual: usual, extractor
      ).region())
  }

  /// What α loses with a patch replaced by what images show on average.
  private func heat(
    _ direction: [Double], _ shown: [Float], pixels: [Float], usual: [Float],
    _ extractor: FeatureExtractor
  ) throws -> HeatMap {
    let input = model.network.input
    let occlusion = Occlusion(height: input.height, width: input.width)
    let d = head.featureCount
    let hidden = try extractor.find(count: occlusion.origins.count) { patch, target in
      _ = target.update(fromContentsOf: pixels)
      occlusion.replace(patch, of: target, by: usual)
    }.features
    let alpha = LeadingComponents.sum(direction, shown[...])
    return occlusion.heatMap(
      Dictionary(
        uniqueKeysWithValues: occlusion.origins.indices.map { patch in
          (patch, alpha - LeadingComponents.sum(direction, hidden[patch * d..<(patch + 1) * d]))
        }))
  }

  private static func sum(_ direction: [Double], _ features: ArraySlice<Float>) -> Double {
    var sum = 0.0
    for (weight, value) in zip(direction, features) { sum += weight * Double(value) }
    return sum
  }
}

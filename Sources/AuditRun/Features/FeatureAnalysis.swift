import Audit
import Datasets
import Features
import Inference
import ONNX
import Synchronization

/// Finds which features the classes of a model rest on.
package struct FeatureAnalysis: Sendable {
  /// What changes its numbers, and how much is shown.
  package struct Settings: Equatable, Sendable {
    /// Components of each class, by their share of α.
    package var components = 10
    /// How regions are pasted.
    package var trial = FeatureFindings.Trial()
    /// Images that a class needs.
    package var fewest = 20
    /// Images of each component that are shown.
    package var examples = 5
    /// Components of each class that an image is made for.
    package var visualized = 2
    package var seed: UInt64 = 0
    /// Indices of the classes to look at; nil for all.
    package var classes: Set<Int>?

    package init() {}
  }

  /// Its network compiled with what the features are told from.
  package let model: AuditedModel
  package let head: LinearHead
  /// Where controls and targets are from.
  private let audited: Dataset
  /// Where components are found; nil for the same data.
  private let source: Dataset?
  private let settings: Settings
  private let workers: Int

  /// Reads the model's last linear layer.
  ///
  /// `audited`: the model with the data that controls and targets are taken from.
  ///
  /// `source`: images for components; nil for the same data.
  ///
  /// `node`: label or input of the last linear layer; nil to find it.
  ///
  /// Throws `InferenceError`, such as `noLinearHead`, and `AuditRunError.noLabels`.
  package init(
    _ audited: Intake, source: Dataset?, at node: String?, settings: Settings, workers: Int
  ) throws {
    let plain = audited.models[0]
    let file = try Model(contentsOf: plain.path)
    head = try LinearHead(in: file, of: plain.network, at: node)
    model = try plain.with(plain.network.compiled(file, with: head.values))
    self.audited = audited.dataset
    self.source = source
    self.settings = settings
    self.workers = workers
    for dataset in [audited.dataset, source ?? audited.dataset] where dataset.labels == nil {
      throw AuditRunError.noLabels(path: dataset.path)
    }
  }

  /// Findings with their pictures, by class and component.
  ///
  /// `progress`: told how many classes are finished, and all.
  package func run(
    progress: @escaping @Sendable (Int, Int) -> Void
  ) throws -> (findings: FeatureFindings, pictures: [[ComponentPictures]]) {
    let dataset = source ?? audited
    let counts = (dataset.labels ?? []).reduce(into: [Int](repeating: 0, count: head.classCount)) {
      $0[$1] += 1
    }
    let asked = counts.indices.filter { settings.classes?.contains($0) ?? true }
    let enough = asked.filter { counts[$0] >= settings.fewest }
    guard !enough.isEmpty else {
      throw FeatureError.noClass(
        data: dataset.path, most: asked.map { counts[$0] }.max() ?? 0, needed: settings.fewest)
    }
    let seen = try SeenImages(dataset, model: model, head: head, workers: workers)
    let ordinary =
      try source == nil ? seen : SeenImages(audited, model: model, head: head, workers: workers)
    var importance = FeatureImportance(head)
    importance.add(seen.features, predictedClasses: seen.predicted)
    let shared = ClassAnalysis.Shared(
      head: head, settings: settings, seen: seen, ordinary: ordinary, importance: importance)
    let finished = Mutex(0)
    let found = try concurrentMap(
      count: enough.count, workers: workers,
      makeState: {
        try FeatureLane(model, head, makesImages: settings.visualized > 0)
      },
      body: { index, lane in
        let result = try ClassAnalysis(enough[index], shared, lane).run()
        progress(
          finished.withLock { finished in
            finished += 1
            return finished
          }, enough.count)
        return result
      })
    let findings = FeatureFindings(
      model: model.name, featuresAt: head.node, images: seen.labels.count,
      featureData: dataset.path.fileName, trial: settings.trial, classes: found.map(\.known),
      skipped: asked.filter { counts[$0] > 0 && counts[$0] < settings.fewest }.map { k in
        FeatureFindings.Skipped(classIndex: k, name: dataset.className(k), n: counts[k])
      })
    return (findings, found.map(\.pictures))
  }
}

extension Network {
  /// The same reading of the same file, with inner values besides.
  fileprivate func compiled(_ file: Model, with values: [String]) throws -> Network {
    let extents =
      input.layout == .nchw
      ? [input.channels, input.height, input.width] : [input.height, input.width, input.channels]
    // The batch stays what the file says of it.
    return try Network(
      file, name: name,
      options: Network.Options(
        inputShape: [1] + extents, layout: input.layout, output: outputKind, outputName: outputName,
        values: values))
  }
}

/// What one worker computes features with.
struct FeatureLane {
  let model: AuditedModel
  let extractor: FeatureExtractor
  /// nil where no images are made: none are wanted, or the network has no gradient.
  let session: ReferenceSession?

  init(_ model: AuditedModel, _ head: LinearHead, makesImages: Bool) throws {
    self.model = model
    extractor = FeatureExtractor(head, model.predictor())
    session =
      makesImages && model.network.nodesWithoutGradient.isEmpty
      ? try ReferenceSession(model.network, batchSize: 1, values: [head.input], gradient: true)
      : nil
    session?.willRun = Interruption.check
  }
}

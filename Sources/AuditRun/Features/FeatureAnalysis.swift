import Audit
import Datasets
import Features
import Foundation
import Inference
import ONNX
import SharedWork
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
    /// Components of each class that are pictured whatever is found of them.
    package var pictured = 2
    /// Whether also images are made for them.
    package var visualizes = true
    package var seed: UInt64 = 0
    /// Indices of the classes to look at; nil for all.
    package var classes: Set<Int>?

    package init() {}

    /// What a plan says of them.
    fileprivate var description: String {
      let classes = classes.map { $0.sorted().map(String.init).joined(separator: " ") } ?? "all"
      return
        "components \(components), fewest \(fewest), examples \(examples), pictured \(pictured), "
        + "visualizes \(visualizes), seed \(seed), classes \(classes)"
    }
  }

  /// What an observer is told, from any worker's thread.
  package enum Event: Sendable {
    case accuracy(correct: Int, images: Int)
    /// Classes finished, and all.
    case classes(Int, of: Int)
    /// Labels of an analysis of other data or settings, whose components are not these.
    case droppedLabels
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
  /// Whether a model that is no better than chance is looked at.
  package var acceptsAnyAccuracy = false

  /// Reads the model's last linear layer.
  ///
  /// `audited`: the data that controls and targets are taken from.
  ///
  /// `source`: images for components; nil for the same data.
  ///
  /// `node`: label or input of the last linear layer; nil to find it.
  ///
  /// Throws `InferenceError`, such as `noLinearHead`, and `AuditRunError.noLabels`.
  package init(
    _ plain: AuditedModel, on audited: Dataset, source: Dataset?, at node: String?,
    settings: Settings, workers: Int
  ) throws {
    (model, head) = try plain.withFeatures(at: node)
    self.audited = audited
    self.source = source
    self.settings = settings
    self.workers = workers
    for dataset in [audited, source ?? audited] where dataset.labels == nil {
      throw AuditRunError.noLabels(path: dataset.path)
    }
  }

  /// Finds what the store does not hold yet, a record a class.
  ///
  /// Throws what reading images and running the network throws, and `FeatureError`, `AuditRunError.chance`
  /// and `AuditError`; finished classes stay in the store.
  package func run(
    into store: FeatureStore, observe: @escaping @Sendable (Event) -> Void
  ) throws -> FeatureResults {
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
    let ordinary = try SeenImages(audited, model: model, head: head, workers: workers)
    observe(.accuracy(correct: ordinary.correct, images: ordinary.labels.count))
    try checkPlausibility(ordinary)
    let seen =
      try source.map { try SeenImages($0, model: model, head: head, workers: workers) } ?? ordinary
    // Either may be without names.
    let named = audited.classNames == nil ? dataset : audited
    let plan = FeaturePlan(
      model: model.name, modelDigest: model.digest, featuresAt: head.node,
      valuesDigest: Digest.sha256(Data((seen.digest + ordinary.digest).utf8)),
      imagesDigest: seen.imagesDigest, images: seen.labels.count,
      featureData: dataset.path.fileName,
      auditedImages: ordinary.labels.count, correct: ordinary.correct,
      auditedData: audited.path.fileName, trial: settings.trial, settings: settings.description,
      classes: enough,
      skipped: asked.filter { counts[$0] > 0 && counts[$0] < settings.fewest }.map { k in
        FeatureFindings.Skipped(classIndex: k, name: named.className(k), n: counts[k])
      })
    if try store.begin(plan) { observe(.droppedLabels) }
    try makeRecords(plan, seen: seen, ordinary: ordinary, store, observe)
    return try store.results()
  }

  private func makeRecords(
    _ plan: FeaturePlan, seen: SeenImages, ordinary: SeenImages, _ store: FeatureStore,
    _ observe: @escaping @Sendable (Event) -> Void
  ) throws {
    let digest = try plan.digest
    let missing = plan.classes.filter { store.record($0, plan: digest) == nil }
    guard !missing.isEmpty else { return }
    let shared = ClassAnalysis.Shared(
      head: head, settings: settings, seen: seen, ordinary: ordinary, hasOwnSource: source != nil,
      importance: seen.importance(head), named: audited.classNames == nil ? seen.dataset : audited,
      plan: digest)
    let finished = Mutex(plan.classes.count - missing.count)
    observe(.classes(plan.classes.count - missing.count, of: plan.classes.count))
    _ = try concurrentMap(
      count: missing.count, workers: workers,
      makeState: { try FeatureLane(model, head, makesImages: settings.visualizes) },
      body: { index, lane in
        try store.write(try ClassAnalysis(missing[index], shared, lane).run())
        observe(
          .classes(
            finished.withLock { finished in
              finished += 1
              return finished
            }, of: plan.classes.count))
      })
  }

  private func checkPlausibility(_ seen: SeenImages) throws {
    guard !acceptsAnyAccuracy,
      let doubt = Plausibility.doubt(
        model: model.name, predicted: seen.predicted, dataset: seen.dataset,
        classes: head.classCount)
    else { return }
    throw doubt
  }
}

extension AuditedModel {
  /// The same compiled with what the features are told from, and its last linear layer.
  ///
  /// `node`: label or input of that layer; nil to find it.
  ///
  /// Throws `InferenceError`, such as `noLinearHead`.
  func withFeatures(at node: String?) throws -> (model: AuditedModel, head: LinearHead) {
    let file = try Model(contentsOf: path)
    let head = try LinearHead(in: file, of: network, at: node)
    return (try with(network.compiled(file, with: head.values)), head)
  }
}

extension Network {
  /// The same reading of the same file, with inner values besides.
  func compiled(_ file: Model, with values: [String]) throws -> Network {
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

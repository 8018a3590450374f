import Audit
import Datasets
import Features
import Foundation
import Inference
import ONNX
import Statistics

/// Finds which features the classes of a model rest on.
package struct FeatureAnalysis: Sendable {
  /// What changes its numbers, and how much is shown.
  package struct Settings: Equatable, Sendable {
    /// Components of each class, by their share of α.
    package var components = 10
    /// Images that regions are taken from, for each component and each control.
    package var donors = 10
    /// Images that each region is pasted into.
    package var targets = 50
    /// Donors and targets with which a component is tried before the controls are, and the share it must turn.
    package var screenedDonors = 5
    package var screenedTargets = 20
    package var leastRate = 0.02
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

  package let model: AuditedModel
  package let head: LinearHead
  /// Compiled with what the features are told from.
  private let network: Network
  /// Where components are found, and where controls and targets are from.
  private let source: Dataset
  private let audited: Dataset
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
    model = audited.models[0]
    let plain = model.network
    let file = try Model(contentsOf: model.path)
    head = try LinearHead(in: file, of: plain, at: node)
    network = try Network(
      file, name: plain.name,
      options: Network.Options(
        layout: plain.input.layout, output: plain.outputKind, outputName: plain.outputName,
        values: head.values, imageSize: (plain.input.height, plain.input.width)))
    self.audited = audited.dataset
    self.source = source ?? audited.dataset
    self.settings = settings
    self.workers = workers
    for dataset in [self.audited, self.source] where dataset.labels == nil {
      throw AuditRunError.noLabels(path: dataset.path)
    }
  }

  /// What the model makes of a dataset.
  private struct Seen: Sendable {
    let dataset: Dataset
    let labels: [Int]
    /// φ, `[n, d]`.
    let features: [Float]
    let predicted: [Int]
    let dimension: Int

    func features(_ images: [Int]) -> [Float] {
      images.flatMap { features[$0 * dimension..<($0 + 1) * dimension] }
    }
  }

  /// Findings with their pictures, by class and component.
  ///
  /// `progress`: told classes that are finished, and all.
  package func run(
    progress: @escaping @Sendable (Int, Int) -> Void
  ) throws -> (findings: FeatureFindings, pictures: [[ComponentPictures]]) {
    let counts = counts(source)
    let asked = counts.indices.filter { settings.classes?.contains($0) ?? true }
    let enough = asked.filter { counts[$0] >= settings.fewest }
    guard !enough.isEmpty else {
      throw FeatureError.noClass(
        data: source.path, most: asked.map { counts[$0] }.max() ?? 0, needed: settings.fewest)
    }
    let seen = try see(source)
    let others = source.path == audited.path ? seen : try see(audited)
    var importance = FeatureImportance(head)
    importance.add(seen.features, predictedClasses: seen.predicted)
    let skipped = asked.filter { counts[$0] > 0 && counts[$0] < settings.fewest }
    let measured = importance
    let found = try concurrentMap(
      count: enough.count, workers: workers, makeState: { try lane() },
      body: { index, lane in
        let result = try analyse(
          enough[index], seen: seen, others: others, importance: measured, lane)
        progress(index + 1, enough.count)
        return result
      })
    let findings = FeatureFindings(
      model: model.name, featuresAt: head.node, images: seen.labels.count,
      featureData: source.path.fileName, targets: settings.targets,
      screened: settings.screenedTargets, classes: found.map(\.known),
      skipped: skipped.map { k in
        FeatureFindings.Skipped(classIndex: k, name: source.className(k), n: counts[k])
      })
    return (findings, found.map(\.pictures))
  }

  /// Images by label.
  private func counts(_ dataset: Dataset) -> [Int] {
    (dataset.labels ?? []).reduce(into: [Int](repeating: 0, count: head.classCount)) {
      $0[$1] += 1
    }
  }

  // MARK: Features of all images

  /// Images that one worker takes at a time.
  private static let chunk = 256
  /// Images at which the layer found is held against the network's own output.
  private static let checked = 32

  private func see(_ dataset: Dataset) throws -> Seen {
    let starts = Array(stride(from: 0, to: dataset.count, by: FeatureAnalysis.chunk))
    let parts = try concurrentMap(
      count: starts.count, workers: workers, makeState: { extractor() },
      body: { index, extractor in
        let range = starts[index]..<min(starts[index] + FeatureAnalysis.chunk, dataset.count)
        let images = try range.map { try model.image($0, of: dataset) }
        return try extractor.find(count: images.count) { image, target in
          _ = target.update(fromContentsOf: images[image])
        }
      })
    let classes = network.classCount
    let outputs = parts.flatMap(\.outputs)
    let seen = Seen(
      dataset: dataset, labels: dataset.labels ?? [], features: parts.flatMap(\.features),
      predicted: (0..<dataset.count).map {
        ClassScore.predictedClass(outputs[$0 * classes..<($0 + 1) * classes])
      }, dimension: head.featureCount)
    try checkHead(seen, outputs)
    return seen
  }

  /// The layer's own logits must give what the network gives.
  private func checkHead(_ seen: Seen, _ outputs: [Float]) throws {
    let classes = network.classCount
    for image in 0..<min(FeatureAnalysis.checked, seen.labels.count) {
      let features = seen.features([image])
      let logits = (0..<classes).map { head.logit(of: $0, features: features) }
      let row = outputs[image * classes..<(image + 1) * classes].map { Double($0) }
      let isSame =
        switch network.outputKind {
        case .logits:
          zip(logits, row).allSatisfy { abs($0 - $1) <= 1e-3 * max(1, abs($1)) }
        case .probabilities, .logProbabilities, .sigmoid:
          // Only order is kept; of near equals either may be first.
          (logits.max() ?? 0) - logits[seen.predicted[image]] <= 1e-3
        }
      guard isSame else {
        throw InferenceError.noLinearHead(
          model: model.name,
          reason:
            "the output of image \(image) is not what \(head.type) '\(head.node)' makes of its input"
        )
      }
    }
  }

  private func extractor() -> FeatureExtractor {
    let batch = AuditedModel.automaticBatchSize(network, memoryLimit: nil)
    let predictor = Predictor(network, batchSize: batch)
    predictor.willRun = Interruption.check
    return FeatureExtractor(head, predictor)
  }

  // MARK: One class

  /// What one worker computes with.
  private struct Lane {
    let extractor: FeatureExtractor
    let session: ReferenceSession?
  }

  private func lane() throws -> Lane {
    // Networks without a gradient have no images made.
    let session =
      settings.visualized > 0 && network.nodesWithoutGradient.isEmpty
      ? try ReferenceSession(network, batchSize: 1, values: [head.input], gradient: true) : nil
    session?.willRun = Interruption.check
    return Lane(extractor: extractor(), session: session)
  }

  private func analyse(
    _ classIndex: Int, seen: Seen, others: Seen, importance: FeatureImportance, _ lane: Lane
  ) throws -> (known: FeatureFindings.Class, pictures: [ComponentPictures]) {
    let images = seen.labels.indices.filter { seen.labels[$0] == classIndex }
    var moments = FeatureMoments(dimension: head.featureCount)
    for start in stride(from: 0, to: images.count, by: FeatureAnalysis.chunk) {
      let end = min(start + FeatureAnalysis.chunk, images.count)
      moments.add(seen.features(Array(images[start..<end])))
    }
    let components = try ClassComponents(classIndex: classIndex, head: head, moments: moments)
    let alphas = components.alphas(seen.features(images))
    var shares = ComponentShares(components: components.count)
    shares.add(alphas)
    let chosen = Array(shares.ranking.prefix(settings.components))
    let d = components.count
    let donors = chosen.map { component in
      images.indices.sorted {
        (alphas[$1 * d + component], $0) < (alphas[$0 * d + component], $1)
      }.prefix(settings.donors).map { images[$0] }
    }
    let ordinary = try ordinaryImages(classIndex, seen, others)
    let ordinaryAlphas = components.alphas(ordinary.seen.features(ordinary.images))
    let targets = try targets(classIndex, others)
    let first = donors.map { Array($0.prefix(settings.screenedDonors)) }
    let heat = try heatMaps(of: chosen, first, components, ordinary, seen, lane)
    var found: [FeatureFindings.Component] = []
    var pictures: [ComponentPictures] = []
    for (rank, component) in chosen.enumerated() {
      var heat = heat[rank]
      var test = try TransplantTest(
        donors: [.top: transplants(of: heat.map { $0.region() }, from: first[rank], seen)],
        targets: Array(targets.prefix(settings.screenedTargets)), classIndex: classIndex,
        predictor: lane.extractor.predictor)
      if test.rate(.top)?.mean ?? 0 >= settings.leastRate {
        let rest = Array(donors[rank].dropFirst(first[rank].count))
        heat += try heatMaps(of: [component], [rest], components, ordinary, seen, lane)[0]
        test = try self.test(
          rank: rank, donors[rank], heat.map { $0.region() }, seen, ordinary,
          ordinaryAlphas.indices.filter { $0 % d == component }.map { ordinaryAlphas[$0] }, targets,
          lane)
      }
      let regions = heat.map { $0.region() }
      let own = Dictionary(
        uniqueKeysWithValues: images.enumerated().map {
          ($0.element, alphas[$0.offset * d + component])
        })
      found.append(
        FeatureFindings.Component(
          index: component, eigenvalue: components.system.values[component],
          share: shares.shares[component], lead: shares.leading[component],
          topImages: donors[rank].prefix(settings.examples).map { seen.dataset.identifiers[$0] },
          regionArea: mean(regions.map { Double($0.count) / Double(network.input.pixelCount) }),
          borderShare: mean(heat.map(\.borderShare)), flipRate: test.rate(.top),
          controlMedian: test.rate(.median), controlRandom: test.rate(.random),
          controlShuffled: test.rate(.shuffled), probability: test.probability))
      pictures.append(
        ComponentPictures(
          height: network.input.height, width: network.input.width,
          examples: try donors[rank].prefix(min(settings.examples, heat.count)).enumerated().map {
            position, image in
            ComponentPictures.Example(
              name: seen.dataset.identifiers[image], alpha: own[image] ?? 0,
              display: model.display(try model.image(image, of: seen.dataset)),
              heat: heat[position].values.map { Float($0) }, region: regions[position])
          },
          visualization: rank < settings.visualized
            ? try visualization(of: component, components, lane) : nil))
    }
    return (
      FeatureFindings.Class(
        classIndex: classIndex, name: source.className(classIndex), n: images.count,
        importance: importance.top(of: classIndex).map {
          FeatureFindings.Importance(feature: $0.feature, value: $0.value)
        }, components: found), pictures
    )
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  // MARK: Heat

  /// By component and donor, where its α comes from: what it owes to a place beyond what ordinary images of
  /// the class do; each image is shown once for all components.
  private func heatMaps(
    of chosen: [Int], _ donors: [[Int]], _ components: ClassComponents, _ ordinary: Ordinary,
    _ seen: Seen, _ lane: Lane
  ) throws -> [[HeatMap]] {
    let occlusion = Occlusion(height: network.input.height, width: network.input.width)
    let directions = chosen.map { components.direction(of: $0) }
    func losses(_ image: Int, _ seen: Seen) throws -> [[Double]] {
      try self.losses(image, seen, occlusion, directions, ordinary.mean, lane)
    }
    let usual = try ordinary.examples.map { try losses($0, ordinary.seen) }
    let patches = occlusion.origins.indices
    let typical = chosen.indices.map { rank in
      patches.map { patch in highest(usual.map { $0[rank][patch] }) }
    }
    var maps: [[Int: HeatMap]] = chosen.map { _ in [:] }
    for image in Set(donors.flatMap { $0 }).sorted() {
      let found = try losses(image, seen)
      for rank in chosen.indices where donors[rank].contains(image) {
        maps[rank][image] = occlusion.heatMap(zip(found[rank], typical[rank]).map { $0 - $1 })
      }
    }
    return chosen.indices.map { rank in donors[rank].compactMap { maps[rank][$0] } }
  }

  /// The most that is ordinary: two standard deviations above the mean.
  private func highest(_ values: [Double]) -> Double {
    let mean = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return mean + 2 * (squares / Double(max(1, values.count - 1))).squareRoot()
  }

  /// By direction and patch, how much less an image's features lie along it with the patch replaced.
  private func losses(
    _ image: Int, _ seen: Seen, _ occlusion: Occlusion, _ directions: [[Double]], _ usual: [Float],
    _ lane: Lane
  ) throws -> [[Double]] {
    let pixels = try model.image(image, of: seen.dataset)
    let shown = seen.features([image])
    let found = try lane.extractor.find(count: occlusion.origins.count) { patch, target in
      _ = target.update(fromContentsOf: pixels)
      occlusion.replace(patch, of: target, by: usual)
    }
    let d = head.featureCount
    return directions.map { direction in
      occlusion.origins.indices.map { patch in
        (0..<d).reduce(0.0) {
          $0 + direction[$1] * Double(shown[$1] - found.features[patch * d + $1])
        }
      }
    }
  }

  // MARK: Transplants

  /// Images of a class as they are met where the model is used.
  private struct Ordinary {
    let seen: Seen
    let images: [Int]
    /// Some of them, and what all show on average, `[h, w, c]`.
    let examples: [Int]
    let mean: [Float]
  }

  /// Of the audited data, or where that has none, of those that the components are from.
  private func ordinaryImages(
    _ classIndex: Int, _ seen: Seen, _ others: Seen
  ) throws -> Ordinary {
    func own(_ seen: Seen) -> [Int] {
      seen.labels.indices.filter { seen.labels[$0] == classIndex }
    }
    let source = own(others).count > 1 ? others : seen
    let images = own(source)
    var generator = SeededGenerator(seed: settings.seed, stream: UInt64(2 * classIndex + 1))
    let drawn = generator.shuffled(images.count).map { images[$0] }
    return Ordinary(
      seen: source, images: images, examples: Array(drawn.prefix(settings.donors)),
      mean: try meanImage(drawn.prefix(FeatureAnalysis.mostMeanImages), source))
  }

  /// Images neither of the class nor taken for it.
  private func targets(_ classIndex: Int, _ others: Seen) throws -> [[Float]] {
    let candidates = others.labels.indices.filter {
      others.labels[$0] != classIndex && others.predicted[$0] != classIndex
    }
    var generator = SeededGenerator(seed: settings.seed, stream: UInt64(2 * classIndex))
    return try generator.sample(min(settings.targets, candidates.count), of: candidates.count)
      .map { try model.image(candidates[$0], of: others.dataset) }
  }

  private func meanImage(_ images: ArraySlice<Int>, _ seen: Seen) throws -> [Float] {
    var sum = [Double](repeating: 0, count: network.input.elementCount)
    for image in images {
      for (element, value) in try model.image(image, of: seen.dataset).enumerated() {
        sum[element] += Double(value)
      }
    }
    return sum.map { Float($0 / Double(images.count)) }
  }

  private static let mostMeanImages = 100

  /// Nothing where a region is empty.
  private func transplants(
    of regions: [[Int]], from images: [Int], _ seen: Seen
  ) throws -> [Transplant] {
    try zip(regions, images).filter { !$0.0.isEmpty }.map { region, image in
      Transplant(
        region: region, of: try model.image(image, of: seen.dataset),
        channels: network.input.channels)
    }
  }

  /// The test with all controls.
  ///
  /// `alphas`: of the ordinary images.
  private func test(
    rank: Int, _ donors: [Int], _ regions: [[Int]], _ seen: Seen,
    _ ordinary: Ordinary, _ alphas: [Double], _ targets: [[Float]], _ lane: Lane
  ) throws -> TransplantTest {
    let order = ordinary.images.indices.sorted { (alphas[$1], $0) < (alphas[$0], $1) }
    let middle = max(0, order.count / 2 - regions.count / 2)
    let median = order.dropFirst(middle).prefix(regions.count).map { ordinary.images[$0] }
    let classIndex = seen.labels[donors[0]]
    var generator = SeededGenerator(
      seed: settings.seed, stream: UInt64(1 << 32 + classIndex << 12 + rank))
    let random = generator.shuffled(ordinary.images.count).prefix(regions.count)
      .map { ordinary.images[$0] }
    let own = try transplants(of: regions, from: donors, seen)
    return try TransplantTest(
      donors: [
        .top: own, .median: transplants(of: regions, from: median, ordinary.seen),
        .random: transplants(of: regions, from: random, ordinary.seen),
        .shuffled: own.map { $0.shuffled(using: &generator) },
      ], targets: targets, classIndex: classIndex, predictor: lane.extractor.predictor)
  }

  // MARK: Pictures

  private func visualization(
    of component: Int, _ components: ClassComponents, _ lane: Lane
  ) throws -> ComponentPictures.Visualization? {
    guard let session = lane.session else { return nil }
    let unit = model.preprocessor.unitScale
    let scale = PixelScale(mean: unit.mean, std: unit.std)
    let found = try FeatureVisualization(
      of: component, in: components, head: head, session: session, scale: scale,
      radius: FeatureVisualization.radius(elements: network.input.elementCount))
    let score = ClassScore(classIndex: components.classIndex, outputKind: network.outputKind)
    return ComponentPictures.Visualization(
      display: model.display(scale.input(found.pixels)),
      confidence: score.confidence(found.outputs[...]))
  }
}

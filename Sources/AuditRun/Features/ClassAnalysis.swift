import Audit
import Datasets
import Features
import Figures
import Inference

/// The components of one class: found, located, tried on other images, and pictured.
struct ClassAnalysis {
  /// What all classes share.
  struct Shared: Sendable {
    let head: LinearHead
    let settings: FeatureAnalysis.Settings
    /// Where components are found.
    let seen: SeenImages
    /// Images as they are met where the model is used: controls and targets.
    let ordinary: SeenImages
    /// Whether these are other images.
    let hasOwnSource: Bool
    let importance: FeatureImportance
    /// What classes are called in.
    let named: Dataset
    /// Digest of the plan that records belong to.
    let plan: String
  }

  private let classIndex: Int
  private let shared: Shared
  private let lane: FeatureLane
  private var settings: FeatureAnalysis.Settings { shared.settings }
  private var seen: SeenImages { shared.seen }

  init(_ classIndex: Int, _ shared: Shared, _ lane: FeatureLane) {
    self.classIndex = classIndex
    self.shared = shared
    self.lane = lane
  }

  func run() throws -> FeatureRecord {
    let images = seen.images(labelled: classIndex)
    let components = try ClassComponents(
      classIndex: classIndex, head: shared.head, moments: moments(of: images, in: seen))
    let alphas = Alphas(of: images, in: seen, components)
    var shares = ComponentShares(components: components.count)
    shares.add(alphas.values)
    let chosen = Array(shares.ranking.prefix(settings.components))
    let reach = Reach(classIndex, components, shared)
    let targets = reach.targets(settings.trial.targets)
    let donors = chosen.map { Array(alphas.descending($0).prefix(settings.trial.donors)) }
    let reaches = zip(chosen, donors).map { component, donors in
      reach.share(
        of: component,
        alphas: donors.prefix(settings.trial.firstDonors).map {
          alphas[component, of: $0]
        })
    }
    // Where no map tells where α comes from, those that are shown are tried whatever they reach.
    let tried = chosen.indices.filter {
      reaches[$0] >= settings.trial.leastRate
        || shared.head.map == nil && $0 < settings.pictured
    }
    let found = try trials(
      of: tried.map { chosen[$0] }, donors: tried.map { donors[$0] }, targets, components)
    let foundByRank = Dictionary(uniqueKeysWithValues: zip(tried, found))
    let known = chosen.enumerated().map { rank, component in
      FeatureFindings.Component(
        index: component, eigenvalue: components.system.values[component],
        share: shares.shares[component], lead: shares.leading[component],
        topImages: donors[rank].prefix(settings.examples).map { seen.dataset.identifiers[$0] },
        reach: reaches[rank], regionArea: foundByRank[rank]?.area,
        borderShare: foundByRank[rank]?.borderShare,
        targets: foundByRank[rank]?.test.targets ?? 0, flipRate: foundByRank[rank]?.test.rate(.top),
        controlMedian: foundByRank[rank]?.test.rate(.median),
        controlRandom: foundByRank[rank]?.test.rate(.random),
        controlShuffled: foundByRank[rank]?.test.rate(.shuffled),
        nearFlipRate: foundByRank[rank]?.near?.rate(.top),
        nearControl: foundByRank[rank]?.near?.highestControl,
        probability: foundByRank[rank]?.near?.probability ?? 1)
    }
    // Reports show the first ones, and those that turn out to be sufficient.
    let shown = known.indices.map { $0 < settings.pictured || known[$0].mayBeSufficient }
    let ordinary = ordinaryVariation
    let vectors = chosen.flatMap { components.system.vector($0) }
    return FeatureRecord(
      plan: shared.plan,
      known: FeatureFindings.Class(
        classIndex: classIndex, name: shared.named.className(classIndex), n: images.count,
        importance: shared.importance.top(of: classIndex).map {
          FeatureFindings.Importance(feature: $0.feature, value: $0.value)
        }, components: known),
      pictures: try chosen.indices.map { rank in
        guard shown[rank] else { return emptyPictures }
        let heat =
          try foundByRank[rank].map { ($0.donors, $0.heat) }
          ?? (donors[rank], mapHeat(of: chosen[rank], in: donors[rank], components))
        return try pictures(
          of: chosen[rank], heat, hasRegions: foundByRank[rank] != nil, components, alphas)
      },
      mean: components.mean, ordinaryMean: ordinary?.mean ?? components.mean, vectors: vectors,
      filters: try ordinary?.filters(of: vectors) ?? vectors,
      alphas: images.flatMap { image in chosen.map { Float(alphas[$0, of: image]) } },
      regions: chosen.indices.map { rank in
        guard shown[rank], let found = foundByRank[rank] else { return [] }
        return zip(found.donors, found.heat).map {
          FeatureRecord.Region(image: $0, positions: $1.region())
        }
      }, targets: targets.random)
  }

  /// What the regions of some components turn, in their order.
  private func trials(
    of tried: [Int], donors: [[Int]], _ targets: Targets<Int>, _ components: ClassComponents
  ) throws -> [RegionTrials.Found] {
    guard !tried.isEmpty else { return [] }
    let trials = try RegionTrials(
      classIndex, tried, components, donors: donors, targets: targets, shared, lane)
    return try tried.indices.map(trials.trial)
  }

  private func moments(of images: [Int], in seen: SeenImages) -> FeatureMoments {
    var moments = FeatureMoments(dimension: shared.head.featureCount)
    for start in stride(from: 0, to: images.count, by: AuditedModel.chunk) {
      moments.add(seen.features(of: images[start...].prefix(AuditedModel.chunk)))
    }
    return moments
  }

  /// How ψ varies over the audited images of the class; nil where components are from these, or for too few.
  private var ordinaryVariation: OrdinaryVariation? {
    let images = shared.ordinary.images(labelled: classIndex)
    guard shared.hasOwnSource, images.count >= settings.fewest else { return nil }
    return OrdinaryVariation(
      weights: shared.head.weights(of: classIndex).map { Double($0) },
      moments: moments(of: images, in: shared.ordinary))
  }

  private var emptyPictures: ComponentPictures {
    let input = lane.model.network.input
    return ComponentPictures(height: input.height, width: input.width)
  }

  /// What the last map says of where α comes from, of as many images as are shown: coarse, and for no more than
  /// a pass of the network.
  private func mapHeat(
    of component: Int, in images: [Int], _ components: ClassComponents
  ) throws -> [HeatMap] {
    guard let map = shared.head.map else { return [] }
    let input = lane.model.network.input
    let pictures = try images.prefix(settings.examples).map { try seen.image($0) }
    let found = try lane.extractor.find(count: pictures.count, withMaps: true) { index, target in
      _ = target.update(fromContentsOf: pictures[index])
    }
    let size = found.maps.count / max(pictures.count, 1)
    return pictures.indices.map { index in
      HeatMap(
        height: map.height, width: map.width,
        values: components.heatmap(
          of: component, map: found.maps[index * size..<(index + 1) * size])
      ).positive.enlarged(height: input.height, width: input.width)
    }
  }

  /// `heat`: images with where α comes from in each.
  private func pictures(
    of component: Int, _ heat: (images: [Int], maps: [HeatMap]), hasRegions: Bool,
    _ components: ClassComponents, _ alphas: Alphas
  ) throws -> ComponentPictures {
    let input = lane.model.network.input
    var pictures = emptyPictures
    func picture(_ image: [Float]) -> PixelImage {
      PixelImage(
        width: input.width, height: input.height, channels: input.channels,
        bytes: lane.model.display(image))
    }
    for (image, heat) in zip(heat.images, heat.maps).prefix(settings.examples) {
      pictures.add(
        name: seen.dataset.identifiers[image], alpha: alphas[component, of: image],
        image: picture(try seen.image(image)), heat: heat.values,
        region: hasRegions ? heat.region() : [])
    }
    if let (image, confidence) = try visualization(of: component, components) {
      pictures.visualize(picture(image), confidence: confidence)
    }
    return pictures
  }

  private func visualization(
    of component: Int, _ components: ClassComponents
  ) throws -> (image: [Float], confidence: Double)? {
    guard let session = lane.session else { return nil }
    let (model, network) = (lane.model, lane.model.network)
    let unit = model.preprocessor.unitScale
    let scale = PixelScale(mean: unit.mean, std: unit.std)
    let found = try FeatureVisualization(
      of: component, in: components, head: shared.head, session: session, scale: scale,
      radius: FeatureVisualization.radius(elements: network.input.elementCount))
    let score = ClassScore(classIndex: classIndex, outputKind: network.outputKind)
    return (scale.input(found.pixels), score.confidence(found.outputs[...]))
  }
}

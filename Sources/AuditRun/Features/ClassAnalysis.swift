import Audit
import Features
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
    let importance: FeatureImportance
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

  func run() throws -> (known: FeatureFindings.Class, pictures: [ComponentPictures]) {
    let images = seen.images(labelled: classIndex)
    var moments = FeatureMoments(dimension: shared.head.featureCount)
    for start in stride(from: 0, to: images.count, by: AuditedModel.chunk) {
      moments.add(seen.features(of: images[start...].prefix(AuditedModel.chunk)))
    }
    let components = try ClassComponents(
      classIndex: classIndex, head: shared.head, moments: moments)
    let alphas = Alphas(of: images, in: seen, components)
    var shares = ComponentShares(components: components.count)
    shares.add(alphas.values)
    let chosen = Array(shares.ranking.prefix(settings.components))
    let regions = try RegionTrials(
      classIndex, chosen, components,
      donors: chosen.map { component in
        Array(alphas.descending(component).prefix(settings.trial.donors))
      }, shared, lane)
    var found: [FeatureFindings.Component] = []
    var pictures: [ComponentPictures] = []
    for (rank, component) in chosen.enumerated() {
      let tried = try regions.trial(of: rank)
      found.append(
        FeatureFindings.Component(
          index: component, eigenvalue: components.system.values[component],
          share: shares.shares[component], lead: shares.leading[component],
          topImages: tried.donors.prefix(settings.examples).map { seen.dataset.identifiers[$0] },
          regionArea: tried.area, borderShare: tried.borderShare, targets: tried.test.targets,
          flipRate: tried.test.rate(.top), controlMedian: tried.test.rate(.median),
          controlRandom: tried.test.rate(.random), controlShuffled: tried.test.rate(.shuffled),
          probability: tried.test.probability))
      let input = lane.model.network.input
      pictures.append(
        ComponentPictures(
          height: input.height, width: input.width,
          examples: try zip(tried.donors, tried.heat).prefix(settings.examples).map { image, heat in
            ComponentPictures.Example(
              name: seen.dataset.identifiers[image], alpha: alphas[component, of: image],
              display: lane.model.display(try seen.image(image)),
              heat: heat.values.map { Float($0) }, region: heat.region())
          },
          visualization: rank < settings.visualized
            ? try visualization(of: component, components) : nil))
    }
    return (
      FeatureFindings.Class(
        classIndex: classIndex, name: seen.dataset.className(classIndex), n: images.count,
        importance: shared.importance.top(of: classIndex).map {
          FeatureFindings.Importance(feature: $0.feature, value: $0.value)
        }, components: found), pictures
    )
  }

  private func visualization(
    of component: Int, _ components: ClassComponents
  ) throws -> ComponentPictures.Visualization? {
    guard let session = lane.session else { return nil }
    let (model, network) = (lane.model, lane.model.network)
    let unit = model.preprocessor.unitScale
    let scale = PixelScale(mean: unit.mean, std: unit.std)
    let found = try FeatureVisualization(
      of: component, in: components, head: shared.head, session: session, scale: scale,
      radius: FeatureVisualization.radius(elements: network.input.elementCount))
    let score = ClassScore(classIndex: classIndex, outputKind: network.outputKind)
    return ComponentPictures.Visualization(
      display: model.display(scale.input(found.pixels)),
      confidence: score.confidence(found.outputs[...]))
  }
}

/// α of some images, by component.
struct Alphas {
  let images: [Int]
  /// `[images, d]`.
  let values: [Double]
  private let dimension: Int
  private let rows: [Int: Int]

  init(of images: [Int], in seen: SeenImages, _ components: ClassComponents) {
    self.images = images
    values = components.alphas(seen.features(of: images))
    dimension = components.count
    rows = Dictionary(
      uniqueKeysWithValues: images.enumerated().map { ($0.element, $0.offset) })
  }

  /// `image`: one of `images`.
  subscript(component: Int, of image: Int) -> Double {
    values[(rows[image] ?? 0) * dimension + component]
  }

  /// Images by α of a component, largest first; of equals the first.
  func descending(_ component: Int) -> [Int] {
    images.sorted { (self[component, of: $1], $0) < (self[component, of: $0], $1) }
  }
}

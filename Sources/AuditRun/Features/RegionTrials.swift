import Audit
import Features

/// Pastes the regions of a class's components into images of other classes, beside controls.
///
/// Components are tried on a few images first; controls are for those that turn some of them.
struct RegionTrials {
  /// What was found of one component.
  struct Found {
    /// Images that regions are from, with where α comes from in them.
    let donors: [Int]
    let heat: [HeatMap]
    /// On images drawn at random: how many regions turn.
    let test: TransplantTest
    /// On the nearest images: whether they turn more than controls do; nil where hardly any turned.
    let near: TransplantTest?

    /// Mean share of the image that a region covers.
    var area: Double {
      mean { Double($0.region().count) / Double($0.values.count) }
    }

    /// Mean share of heat at the border.
    var borderShare: Double { mean(\.borderShare) }

    private func mean(_ value: (HeatMap) -> Double) -> Double {
      heat.isEmpty ? 0 : heat.reduce(0) { $0 + value($1) } / Double(heat.count)
    }
  }

  private let classIndex: Int
  private let chosen: [Int]
  private let donors: [[Int]]
  private let shared: ClassAnalysis.Shared
  private let lane: FeatureLane
  private let heat: ComponentHeat
  /// Of the first donors.
  private let firstMaps: [Int: [HeatMap]]
  /// Images of the class for controls, and their α.
  private let ordinary: SeenImages
  private let alphas: Alphas
  /// Images neither of the class nor taken for it.
  private let targets: Targets<[Float]>

  private var trial: FeatureFindings.Trial { shared.settings.trial }

  /// Images whose mean replaces patches, at most.
  private static let mostMeanImages = 100

  /// `chosen`: components to be tried.
  ///
  /// `donors`: by place of the component among `chosen`, images of the largest α first.
  ///
  /// `targets`: images of the audited data.
  init(
    _ classIndex: Int, _ chosen: [Int], _ components: ClassComponents, donors: [[Int]],
    targets: Targets<Int>, _ shared: ClassAnalysis.Shared, _ lane: FeatureLane
  ) throws {
    self.classIndex = classIndex
    self.chosen = chosen
    self.donors = donors
    self.shared = shared
    self.lane = lane
    // Where the audited data has no image of the class, those that the components are from.
    ordinary =
      shared.ordinary.images(labelled: classIndex).count > 1 ? shared.ordinary : shared.seen
    let images = ordinary.images(labelled: classIndex)
    alphas = Alphas(of: images, in: ordinary, components)
    var generator = SeededGenerator(
      seed: shared.settings.seed, stream: UInt64(2 * classIndex + 1))
    let drawn = generator.shuffled(images.count).map { images[$0] }
    heat = try ComponentHeat(
      chosen, of: components, examples: Array(drawn.prefix(shared.settings.trial.donors)),
      in: ordinary,
      usual: lane.model.meanImage(
        of: Array(drawn.prefix(RegionTrials.mostMeanImages)), dataset: ordinary.dataset), lane)
    let first = shared.settings.trial.firstDonors
    firstMaps = try heat.maps(
      of: Dictionary(
        uniqueKeysWithValues: donors.enumerated().map {
          ($0.offset, Array($0.element.prefix(first)))
        }),
      in: shared.seen)
    let others = shared.ordinary
    self.targets = try targets.map { try others.image($0) }
  }

  /// The component at a place among those chosen.
  func trial(of rank: Int) throws -> Found {
    let first = Array(donors[rank].prefix(trial.firstDonors))
    let maps = firstMaps[rank] ?? []
    let firstTest = try test(
      [.top: transplants(of: maps, from: first, in: shared.seen)],
      on: Array(targets.near.prefix(trial.firstTargets)))
    guard firstTest.rate(.top)?.mean ?? 0 >= trial.leastRate else {
      return Found(donors: first, heat: maps, test: firstTest, near: nil)
    }
    let rest = Array(donors[rank].dropFirst(first.count))
    let all = try maps + (heat.maps(of: [rank: rest], in: shared.seen)[rank] ?? [])
    let contents = try controlled(rank, all)
    return Found(
      donors: donors[rank], heat: all, test: try test(contents, on: targets.random),
      near: try test(contents, on: targets.near))
  }

  /// Regions with all their controls.
  private func controlled(
    _ rank: Int, _ maps: [HeatMap]
  ) throws -> [TransplantTest.Content: [Transplant]] {
    let order = alphas.descending(chosen[rank])
    let middle = max(0, order.count / 2 - maps.count / 2)
    var generator = SeededGenerator(
      seed: shared.settings.seed, stream: UInt64(1 << 32 + classIndex << 12 + rank))
    let random = generator.shuffled(order.count).prefix(maps.count).map { alphas.images[$0] }
    let own = try transplants(of: maps, from: donors[rank], in: shared.seen)
    return [
      .top: own, .median: try transplants(of: maps, from: order.dropFirst(middle), in: ordinary),
      .random: try transplants(of: maps, from: random[...], in: ordinary),
      .shuffled: own.map { $0.shuffled(using: &generator) },
    ]
  }

  /// Nothing where a region is empty.
  private func transplants(
    of maps: [HeatMap], from images: some Collection<Int>, in seen: SeenImages
  ) throws -> [Transplant] {
    try zip(maps.map { $0.region() }, images).filter { !$0.0.isEmpty }.map { region, image in
      Transplant(
        region: region, of: try seen.image(image),
        channels: lane.model.network.input.channels)
    }
  }

  private func test(
    _ donors: [TransplantTest.Content: [Transplant]], on targets: [[Float]]
  ) throws -> TransplantTest {
    try TransplantTest(
      donors: donors, targets: targets, classIndex: classIndex, predictor: lane.extractor.predictor)
  }
}

import Features

/// Where in an image the α of components comes from: what it loses when a patch shows the mean of ordinary
/// images of the class, beyond what ordinary images lose there.
struct ComponentHeat {
  private let occlusion: Occlusion
  /// By component.
  private let directions: [[Double]]
  /// What replaces a patch, `[h, w, c]`.
  private let usual: [Float]
  /// By component and patch, the most that ordinary images lose.
  private var ordinaryLosses: [[Double]] = []
  private let lane: FeatureLane

  /// `chosen`: components, by whose place maps are asked for.
  ///
  /// `examples`: ordinary images that say what is usual to lose.
  ///
  /// `usual`: what ordinary images show on average, `[h, w, c]`.
  init(
    _ chosen: [Int], of components: ClassComponents, examples: [Int], in ordinary: SeenImages,
    usual: [Float], _ lane: FeatureLane
  ) throws {
    let input = lane.model.network.input
    occlusion = Occlusion(height: input.height, width: input.width)
    directions = chosen.map { components.direction(of: $0) }
    self.usual = usual
    self.lane = lane
    let losses = try examples.map { try self.losses($0, in: ordinary, Array(chosen.indices)) }
    ordinaryLosses = chosen.indices.map { rank in
      occlusion.origins.indices.map { patch in ComponentHeat.most(losses.map { $0[rank][patch] }) }
    }
  }

  /// By component and donor; each image is shown once for all components.
  ///
  /// `donors`: images by the place of the component.
  func maps(of donors: [Int: [Int]], in seen: SeenImages) throws -> [Int: [HeatMap]] {
    var found: [Int: [Int: HeatMap]] = [:]
    for image in Set(donors.values.joined()).sorted() {
      let ranks = donors.filter { $0.value.contains(image) }.map(\.key)
      for (rank, losses) in zip(ranks, try losses(image, in: seen, ranks)) {
        found[rank, default: [:]][image] = occlusion.heatMap(
          zip(losses, ordinaryLosses[rank]).map { $0 - $1 })
      }
    }
    return Dictionary(
      uniqueKeysWithValues: donors.map { rank, images in
        (rank, images.compactMap { found[rank]?[$0] })
      })
  }

  /// By component asked for and patch, how much less of α an image has with the patch replaced.
  private func losses(_ image: Int, in seen: SeenImages, _ ranks: [Int]) throws -> [[Double]] {
    let pixels = try seen.image(image)
    let shown = seen.features(of: [image])
    let found = try lane.extractor.find(count: occlusion.origins.count) { patch, target in
      _ = target.update(fromContentsOf: pixels)
      occlusion.replace(patch, of: target, by: usual)
    }
    return ranks.map { rank in
      occlusion.origins.indices.map { patch in
        shown.indices.reduce(0.0) {
          $0 + directions[rank][$1] * Double(shown[$1] - found.features[patch * shown.count + $1])
        }
      }
    }
  }

  /// The most that is ordinary: two standard deviations above the mean.
  private static func most(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return mean + 2 * (squares / Double(max(1, values.count - 1))).squareRoot()
  }
}

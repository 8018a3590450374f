import Features

/// Where in an image the α of components comes from: what it loses when a patch shows the mean of ordinary
/// images of the class, beyond what ordinary images lose there.
///
/// Patches that cover the image are tried first, and those between them only beside one that loses more than
/// is ordinary: elsewhere there is no heat.
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
    let ranks = Array(chosen.indices)
    let losses = try examples.map {
      try self.losses($0, in: ordinary, ranks, patches: occlusion.coarse)
    }
    ordinaryLosses = ranks.map { rank in
      let coarse = Dictionary(
        uniqueKeysWithValues: occlusion.coarse.map { patch in
          (patch, ComponentHeat.most(losses.compactMap { $0[rank][patch] }))
        })
      return occlusion.coarseNeighbours.map { beside in
        beside.reduce(0) { $0 + (coarse[$1] ?? 0) } / Double(beside.count)
      }
    }
  }

  /// By component and donor; each image is shown once for all components.
  ///
  /// `donors`: images by the place of the component.
  func maps(of donors: [Int: [Int]], in seen: SeenImages) throws -> [Int: [HeatMap]] {
    var found: [Int: [Int: HeatMap]] = [:]
    for image in Set(donors.values.joined()).sorted() {
      let ranks = donors.filter { $0.value.contains(image) }.map(\.key).sorted()
      for (rank, losses) in zip(ranks, try excess(image, in: seen, ranks)) {
        found[rank, default: [:]][image] = occlusion.heatMap(losses)
      }
    }
    return Dictionary(
      uniqueKeysWithValues: donors.map { rank, images in
        (rank, images.compactMap { found[rank]?[$0] })
      })
  }

  /// By component asked for, what each patch that was tried loses beyond what is ordinary.
  private func excess(
    _ image: Int, in seen: SeenImages, _ ranks: [Int]
  ) throws -> [[Int: Double]] {
    func beyond(_ losses: [[Int: Double]]) -> [[Int: Double]] {
      zip(ranks, losses).map { rank, losses in
        Dictionary(uniqueKeysWithValues: losses.map { ($0, $1 - ordinaryLosses[rank][$0]) })
      }
    }
    let coarse = beyond(try losses(image, in: seen, ranks, patches: occlusion.coarse))
    let hot = Set(coarse.flatMap { $0.filter { $0.value > 0 }.keys })
    let between = occlusion.origins.indices.filter { patch in
      let beside = occlusion.coarseNeighbours[patch]
      return beside != [patch] && beside.contains(where: hot.contains)
    }
    let fine = beyond(try losses(image, in: seen, ranks, patches: between))
    return zip(coarse, fine).map { $0.merging($1) { first, _ in first } }
  }

  /// By component asked for and patch, how much less of α an image has with the patch replaced.
  private func losses(
    _ image: Int, in seen: SeenImages, _ ranks: [Int], patches: [Int]
  ) throws -> [[Int: Double]] {
    let pixels = try seen.image(image)
    let shown = seen.features(of: [image])
    let found = try lane.extractor.find(count: patches.count) { index, target in
      _ = target.update(fromContentsOf: pixels)
      occlusion.replace(patches[index], of: target, by: usual)
    }
    return ranks.map { rank in
      Dictionary(
        uniqueKeysWithValues: patches.enumerated().map { index, patch in
          let loss = shown.indices.reduce(0.0) {
            $0 + directions[rank][$1]
              * Double(shown[$1] - found.features[index * shown.count + $1])
          }
          return (patch, loss)
        })
    }
  }

  /// The most that is ordinary: two standard deviations above the mean.
  private static func most(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return mean + 2 * (squares / Double(max(1, values.count - 1))).squareRoot()
  }
}

import SharedWork

/// The images of the random baseline, in pieces that are asked about, stored and shared one by one.
package struct PlannedBaseline: Codable, Equatable, Sendable {
  /// Images of every piece but the last.
  private static let size = 64

  /// Indices in the dataset.
  private let images: PackedNumbers<UInt32>
  private let labels: PackedNumbers<UInt32>
  /// See `PlannedParts.digests`.
  private let digests: PackedNumbers<UInt64>

  /// All images of a small dataset, otherwise drawn by the seed.
  ///
  /// `labels`, `digests`: by image of the dataset.
  package init(_ plan: AuditPlan, labels: [Int], digests: [UInt64]) {
    var drawn = Array(0..<plan.data.images)
    if drawn.count > plan.mostRandomImages {
      var generator = SeededGenerator(seed: plan.settings.seed, stream: 2)
      drawn = generator.sample(plan.mostRandomImages, of: plan.data.images)
    }
    images = PackedNumbers(drawn.map { UInt32($0) })
    self.labels = PackedNumbers(drawn.map { UInt32(labels[$0]) })
    self.digests = PackedNumbers(drawn.map { digests[$0] })
  }

  package var pieces: Range<Int> {
    0..<(images.values.count + PlannedBaseline.size - 1) / PlannedBaseline.size
  }

  private func range(_ piece: Int) -> Range<Int> {
    let start = piece * PlannedBaseline.size
    return start..<min(start + PlannedBaseline.size, images.values.count)
  }

  /// Indices in the dataset.
  package func images(_ piece: Int) -> [Int] { images.values[range(piece)].map { Int($0) } }

  package func labels(_ piece: Int) -> [Int] { labels.values[range(piece)].map { Int($0) } }

  package func digests(_ piece: Int) -> [UInt64] { Array(digests.values[range(piece)]) }

  /// Digest of all that changes a piece.
  ///
  /// - Throws: When it cannot be encoded.
  package func key(_ piece: Int, _ plan: AuditPlan) throws -> String {
    Digest.sha256(
      try CanonicalJSON.encode(
        Key(
          models: plan.models.map(\.recordFolder), subset: plan.subsetSize,
          draws: plan.settings.randomDraws, seed: plan.settings.seed, images: images(piece),
          labels: labels(piece), digests: digests(piece)), pretty: false))
  }

  private struct Key: Encodable {
    let models: [String]
    let subset: Int
    let draws: Int
    let seed: UInt64
    let images: [Int]
    let labels: [Int]
    let digests: [UInt64]
  }
}

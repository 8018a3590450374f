import SharedWork

/// Whether models are right on random subsets of images, audited or not: it needs no BackSelect, so it
/// takes many.
package struct RandomBaseline: Codable, Equatable, Sendable {
  package let images: Int
  /// `[model][draw]`, by image: 1 where the model is right on the image's random subset.
  package let right: [[PackedNumbers<UInt8>]]

  package init(images: Int, right: [[PackedNumbers<UInt8>]]) {
    self.images = images
    self.right = right
  }

  /// Of pieces of the images, one after the other.
  init(_ pieces: [RandomBaseline]) {
    images = pieces.reduce(0) { $0 + $1.images }
    right = (pieces.first?.right.indices ?? 0..<0).map { model in
      pieces[0].right[model].indices.map { draw in
        PackedNumbers(pieces.flatMap { $0.right[model][draw].values })
      }
    }
  }

  /// One image's random subset in one draw, frozen by the seed.
  package static func subset(_ plan: AuditPlan, draw: Int, image: Int) -> [Int] {
    var generator = SeededGenerator(
      seed: plan.settings.seed, stream: UInt64(3 + draw) << 32 | UInt64(image))
    return generator.sample(plan.subsetSize, of: plan.pixelCount)
  }
}

/// A piece of the baseline, as it is stored.
package struct RandomBaselineRecord: Codable, Equatable, Sendable {
  /// See `PlannedBaseline.key`.
  let key: String
  let answers: RandomBaseline

  package init(key: String, answers: RandomBaseline) {
    self.key = key
    self.answers = answers
  }
}

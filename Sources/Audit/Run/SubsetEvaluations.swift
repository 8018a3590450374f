import Inference
import SufficientInputSubsets

/// What every model says of the q% subsets of every model, and of random subsets.
package struct SubsetEvaluations: Codable, Equatable, Sendable {
  package static let currentVersion = 1

  /// One image's subset seen by one model.
  package struct Answer: Codable, Equatable, Sendable {
    /// The class predicted on the subset.
    package let predicted: Int
    /// Confidence for the class that the subset's own model predicts on the full image.
    package let confidence: Double
  }

  package var version = currentVersion
  /// Digest of the plan these answers belong to.
  package let planDigest: String
  /// `[source model][target model][image]`: the source's q% subset shown to the target.
  package let transferred: [[[Answer]]]
  /// `[model][draw][image]`: random subsets of the same size, the same for every model.
  ///
  /// Confidence is for the class the model predicts on the full image.
  package let random: [[[Answer]]]
}

extension SubsetEvaluations {
  /// Random subsets per draw and image, frozen by the seed.
  package static func randomSubsets(_ plan: AuditPlan) -> [[[Int]]] {
    (0..<plan.settings.randomDraws).map { draw in
      plan.sample.images.map { image in
        var generator = SeededGenerator(
          seed: plan.settings.seed, stream: UInt64(2 + draw) << 32 | UInt64(image))
        return generator.sample(plan.subsetSize, of: plan.pixelCount)
      }
    }
  }
}

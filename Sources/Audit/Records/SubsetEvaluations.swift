/// What every model says of the q% subsets of every model, and of random subsets.
package struct SubsetEvaluations: Codable, Equatable, Sendable {
  package static let currentVersion = 3

  /// One image's subset seen by one model.
  package struct Answer: Codable, Equatable, Sendable {
    /// The class predicted on the subset.
    package let predicted: Int
    /// Confidence for the class that the subset's own model predicts on the full image.
    package let confidence: Double

    package init(predicted: Int, confidence: Double) {
      self.predicted = predicted
      self.confidence = confidence
    }
  }

  package var version = currentVersion
  /// Digest of the plan these answers belong to.
  package let planDigest: String
  /// `[source model][target model][image]`: the source's q% subset shown to the target.
  package let transferred: [[[Answer]]]
  /// `[model][image][threshold]`: the image with its SIS alone masked; nil where there is none of one
  /// pixel or more.
  package let withoutSIS: [[[Answer?]]]
  /// Images of the random-subset baseline: it needs no BackSelect, so it takes many.
  package let randomImages: Int
  /// `[model][draw]`, for each of them: 1 where the model is right on the image's random subset of the
  /// same size, which is the same for every model.
  package let randomRight: [[PackedNumbers<UInt8>]]
  /// The same for each audited image.
  package let randomRightAudited: [[PackedNumbers<UInt8>]]

  package init(
    planDigest: String, transferred: [[[Answer]]], withoutSIS: [[[Answer?]]], randomImages: Int,
    randomRight: [[PackedNumbers<UInt8>]], randomRightAudited: [[PackedNumbers<UInt8>]]
  ) {
    self.planDigest = planDigest
    self.transferred = transferred
    self.withoutSIS = withoutSIS
    self.randomImages = randomImages
    self.randomRight = randomRight
    self.randomRightAudited = randomRightAudited
  }
}

extension SubsetEvaluations {
  /// Images of the random-subset baseline: all of a small dataset, otherwise drawn by the seed.
  package static func randomImages(_ plan: AuditPlan) -> [Int] {
    guard plan.data.images > plan.mostRandomImages else { return Array(0..<plan.data.images) }
    var generator = SeededGenerator(seed: plan.settings.seed, stream: 2)
    return generator.sample(plan.mostRandomImages, of: plan.data.images)
  }

  /// One image's random subset in one draw, frozen by the seed.
  package static func randomSubset(_ plan: AuditPlan, draw: Int, image: Int) -> [Int] {
    var generator = SeededGenerator(
      seed: plan.settings.seed, stream: UInt64(3 + draw) << 32 | UInt64(image))
    return generator.sample(plan.subsetSize, of: plan.pixelCount)
  }
}

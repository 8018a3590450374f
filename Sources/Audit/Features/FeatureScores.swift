import Statistics

/// What labelled components cost a model, on images that show them without the class, and under noise.
package struct FeatureScores: Codable, Equatable, Sendable {
  /// How well a class's confidence tells its images from those that show its spurious features without it.
  package struct Spurious: Codable, Equatable, Sendable {
    package let classIndex: Int
    package let name: String
    /// Images of the class, and spurious ones.
    package let positives: Int
    package let negatives: Int
    /// The area under the precision-recall curve, and what scores drawn at random have.
    package let averagePrecision: Double
    package let chance: Double
    /// The area under the ROC curve.
    package let area: AreaEstimate
    /// Of the spurious images, those that the model takes for the class.
    package let taken: MeanEstimate

    package init(
      classIndex: Int, name: String, positives: Int, negatives: Int, averagePrecision: Double,
      chance: Double, area: AreaEstimate, taken: MeanEstimate
    ) {
      self.classIndex = classIndex
      self.name = name
      self.positives = positives
      self.negatives = negatives
      self.averagePrecision = averagePrecision
      self.chance = chance
      self.area = area
      self.taken = taken
    }

    package enum CodingKeys: String, CodingKey {
      case name, positives, negatives, chance, area, taken
      case classIndex = "class"
      case averagePrecision = "average_precision"
    }
  }

  /// Accuracy with noise on some features of each image.
  package struct Noise: Codable, Equatable, Sendable {
    /// Over all images that show such a feature.
    package let accuracy: MeanEstimate
    /// Of the same images without noise.
    package let clean: MeanEstimate
    /// The mean of the classes' accuracies, and how many these are.
    package let meanOverClasses: Double
    package let classes: Int

    package init(
      accuracy: MeanEstimate, clean: MeanEstimate, meanOverClasses: Double, classes: Int
    ) {
      self.accuracy = accuracy
      self.clean = clean
      self.meanOverClasses = meanOverClasses
      self.classes = classes
    }

    package enum CodingKeys: String, CodingKey {
      case accuracy, clean, classes
      case meanOverClasses = "mean_over_classes"
    }
  }

  /// By class with spurious images; empty without any.
  package let spurious: [Spurious]
  /// With noise on the spurious features, and on the core ones; nil where no class has both labelled, or no map
  /// tells where they are.
  @OrNull package var coreAccuracy: Noise?
  @OrNull package var spuriousAccuracy: Noise?
  /// Why accuracies are nil.
  @OrNull package var noiseReason: String?

  package init(
    spurious: [Spurious], coreAccuracy: Noise?, spuriousAccuracy: Noise?, noiseReason: String?
  ) {
    self.spurious = spurious
    self.coreAccuracy = coreAccuracy
    self.spuriousAccuracy = spuriousAccuracy
    self.noiseReason = noiseReason
  }

  /// The mean over classes of average precisions; nil without any.
  package var meanAveragePrecision: Double? { mean(\.averagePrecision) }

  /// Of areas under the ROC curve.
  package var meanArea: Double? { mean(\.area.area) }

  private func mean(_ value: (Spurious) -> Double) -> Double? {
    spurious.isEmpty ? nil : spurious.reduce(0) { $0 + value($1) } / Double(spurious.count)
  }

  package enum CodingKeys: String, CodingKey {
    case spurious
    case coreAccuracy = "core_accuracy"
    case spuriousAccuracy = "spurious_accuracy"
    case noiseReason = "noise_reason"
  }
}

extension FeatureScores {
  /// A line for each number.
  package var lines: [String] {
    let scores = spurious.map { score in
      let bounds = score.area.low.flatMap { low in
        score.area.high.map { " [\(number(low, decimals: 3)), \(number($0, decimals: 3))]" }
      }
      return
        "\(score.name): average precision \(number(score.averagePrecision, decimals: 3)) (chance "
        + "\(number(score.chance, decimals: 3))), ROC area \(number(score.area.area, decimals: 3))"
        + "\(bounds ?? ""); \(score.positives) images against \(score.negatives) spurious ones, of which "
        + "\(percent(score.taken.mean)) are taken for it"
    }
    let means = meanAveragePrecision.map {
      "Mean over \(spurious.count) classes: average precision \(number($0, decimals: 3)), ROC area "
        + number(meanArea ?? 0, decimals: 3)
    }
    func line(_ what: String, _ noise: Noise?) -> String? {
      noise.map {
        "\(what): \(interval($0.accuracy)) of \($0.accuracy.n) images (without noise \(interval($0.clean))), mean "
          + "over \($0.classes) classes \(percent($0.meanOverClasses))"
      }
    }
    return scores
      + [
        means, line("Core accuracy", coreAccuracy), line("Spurious accuracy", spuriousAccuracy),
        noiseReason.map { "Core and spurious accuracy: not run, \($0)" },
      ].compactMap { $0 }
  }
}

import Statistics

/// Which features each class of a model rests on: `features.json`.
package struct FeatureFindings: Codable, Equatable, Sendable {
  package let model: String
  /// Label of the node whose input the features are.
  package let featuresAt: String
  /// Images that the components were found in, and where they are from.
  package let images: Int
  package let featureData: String
  /// Images that controls and targets are from, how many the model is right on, and where they are from.
  package let auditedImages: Int
  package let correct: Int
  package let auditedData: String
  /// How regions were pasted.
  package let trial: Trial
  package var classes: [Class]
  /// Classes with too few images.
  package let skipped: [Skipped]
  /// How people labelled components; nil before anyone did.
  @OrNull package var labelling: FeatureLabels.Summary?
  /// What labelled components cost; nil before that was asked.
  @OrNull package var scores: FeatureScores?

  package struct Skipped: Codable, Equatable, Sendable {
    package let classIndex: Int
    package let name: String
    package let n: Int

    package init(classIndex: Int, name: String, n: Int) {
      self.classIndex = classIndex
      self.name = name
      self.n = n
    }

    package enum CodingKeys: String, CodingKey {
      case name, n
      case classIndex = "class"
    }
  }

  package enum CodingKeys: String, CodingKey {
    case model, images, trial, classes, skipped, correct, labelling, scores
    case featuresAt = "features_at"
    case featureData = "feature_data"
    case auditedImages = "audited_images"
    case auditedData = "audited_data"
  }

  /// The share of false ones that is expected among components called sufficient.
  package static let falseDiscoveryRate = 0.05

  /// Calls components sufficient.
  ///
  /// `classes`: by class of the plan, their components not yet called.
  package init(_ plan: FeaturePlan, classes: [Class]) {
    model = plan.model
    featuresAt = plan.featuresAt
    images = plan.images
    featureData = plan.featureData
    auditedImages = plan.auditedImages
    correct = plan.correct
    auditedData = plan.auditedData
    trial = plan.trial
    skipped = plan.skipped
    let probabilities = classes.flatMap { $0.components.map(\.probability) }
    var calls = benjaminiHochberg(
      probabilities, falseDiscoveryRate: FeatureFindings.falseDiscoveryRate)[...]
    self.classes = classes.map { known in
      var known = known
      for index in known.components.indices {
        known.components[index].sufficient = calls.removeFirst()
      }
      return known
    }
    _labelling = OrNull(wrappedValue: nil)
    _scores = OrNull(wrappedValue: nil)
  }

  /// Components called sufficient, each with its class, highest flip rate first.
  package var sufficient: [(known: Class, component: Component)] {
    classes.flatMap { known in
      known.components.filter(\.sufficient).map { (known: known, component: $0) }
    }.sorted { ($0.component.flipRate?.mean ?? 0) > ($1.component.flipRate?.mean ?? 0) }
  }

  /// Components tested, over all classes.
  package var tested: Int { classes.reduce(0) { $0 + $1.components.count } }
}

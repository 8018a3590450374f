import Statistics

extension FeatureFindings {
  /// How regions are pasted into images of other classes.
  package struct Trial: Codable, Equatable, Sendable {
    /// Images that regions are taken from, for each component and each control, and images that each is
    /// pasted into, at most.
    package var donors = 10
    package var targets = 100
    /// The ones with which a component is tried before controls are: images of largest α, pasted into those whose
    /// logit of the class lacks least.
    package var firstDonors = 5
    package var firstTargets = 20
    /// The share of these that it must turn to be tried further.
    package var leastRate = 0.02

    package init() {}

    package enum CodingKeys: String, CodingKey {
      case donors, targets
      case firstDonors = "first_donors"
      case firstTargets = "first_targets"
      case leastRate = "least_rate"
    }
  }

  package struct Importance: Codable, Equatable, Sendable {
    package let feature: Int
    package let value: Double

    package init(feature: Int, value: Double) {
      self.feature = feature
      self.value = value
    }
  }

  package struct Class: Codable, Equatable, Sendable {
    package let classIndex: Int
    package let name: String
    /// Images labelled with it.
    package let n: Int
    /// The features of highest importance; none where no image is predicted as the class.
    package let importance: [Importance]
    /// By their share of α, largest first.
    package var components: [Component]

    package init(
      classIndex: Int, name: String, n: Int, importance: [Importance], components: [Component]
    ) {
      self.classIndex = classIndex
      self.name = name
      self.n = n
      self.importance = importance
      self.components = components
    }

    package enum CodingKeys: String, CodingKey {
      case name, n, importance, components
      case classIndex = "class"
    }
  }

  /// Whether a person calls a component part of the class.
  package enum Label: String, Codable, Sendable, CaseIterable {
    case core, spurious, unknown
  }

  package struct Component: Codable, Equatable, Sendable {
    package let index: Int
    package let eigenvalue: Double
    /// Of the mean of |α| over all components.
    package let share: Double
    /// Of the class's images, those in which its α is the largest.
    package let lead: Double
    /// Names of the images of largest α.
    package let topImages: [String]
    /// Of images of other classes, those that would turn into the class if this α alone were as in its images
    /// of largest α; a component that could turn hardly any is not pasted.
    package let reach: Double
    /// Mean share of the image that its regions cover; nil where it was not pasted.
    @OrNull package var regionArea: Double?
    /// Mean share of its heat within the outer tenth of the image.
    @OrNull package var borderShare: Double?
    /// Images of other classes that its regions were pasted into.
    package let targets: Int
    /// Share of images of other classes that its regions turn into the class, over donors; nil where no
    /// region or no such image was found.
    @OrNull package var flipRate: MeanEstimate?
    @OrNull package var controlMedian: MeanEstimate?
    @OrNull package var controlRandom: MeanEstimate?
    @OrNull package var controlShuffled: MeanEstimate?
    /// The same over images whose logit of the class lacks least, and the highest of its controls there; nil for
    /// components that turned hardly any.
    @OrNull package var nearFlipRate: MeanEstimate?
    @OrNull package var nearControl: MeanEstimate?
    /// That its regions turn no more than twice as many of those as a control; before correction.
    package let probability: Double
    /// Whether its regions turn more than twice as many of the nearest images as each control, corrected over all
    /// components.
    package var sufficient: Bool
    package var label: Label

    package enum CodingKeys: String, CodingKey {
      case index, eigenvalue, share, lead, reach, targets, probability, sufficient, label
      case topImages = "top_images"
      case regionArea = "region_area"
      case borderShare = "border_share"
      case flipRate = "flip_rate"
      case controlMedian = "control_median"
      case controlRandom = "control_random"
      case controlShuffled = "control_shuffled"
      case nearFlipRate = "near_flip_rate"
      case nearControl = "near_control"
    }

    package init(
      index: Int, eigenvalue: Double, share: Double, lead: Double, topImages: [String],
      reach: Double, regionArea: Double?, borderShare: Double?, targets: Int,
      flipRate: MeanEstimate?,
      controlMedian: MeanEstimate?, controlRandom: MeanEstimate?, controlShuffled: MeanEstimate?,
      nearFlipRate: MeanEstimate?, nearControl: MeanEstimate?, probability: Double
    ) {
      self.index = index
      self.eigenvalue = eigenvalue
      self.share = share
      self.lead = lead
      self.topImages = topImages
      self.reach = reach
      self.targets = targets
      self.probability = probability
      sufficient = false
      label = .unknown
      self.regionArea = regionArea
      self.borderShare = borderShare
      self.flipRate = flipRate
      self.controlMedian = controlMedian
      self.controlRandom = controlRandom
      self.controlShuffled = controlShuffled
      self.nearFlipRate = nearFlipRate
      self.nearControl = nearControl
    }

    /// Whether it can yet be called sufficient, whatever else is tested: no correction makes a probability
    /// smaller.
    package var mayBeSufficient: Bool { probability <= FeatureFindings.falseDiscoveryRate }
  }
}

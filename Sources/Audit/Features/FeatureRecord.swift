import Datasets
import SharedWork

/// What an analysis of features looks at, and how: what its records belong to.
package struct FeaturePlan: Codable, Equatable, Sendable {
  package static let currentVersion = 1

  package var version = currentVersion
  package let model: String
  /// SHA-256 of the model's files.
  package let modelDigest: String
  package let featuresAt: String
  /// SHA-256 of labels and features of both groups of images.
  package let valuesDigest: String
  /// SHA-256 of names and labels of the images that components were found in.
  package let imagesDigest: String
  package let images: Int
  package let featureData: String
  package let auditedImages: Int
  package let correct: Int
  package let auditedData: String
  package let trial: FeatureFindings.Trial
  /// What else changes numbers and pictures, in words.
  package let settings: String
  /// Classes looked at.
  package let classes: [Int]
  package let skipped: [FeatureFindings.Skipped]

  package init(
    model: String, modelDigest: String, featuresAt: String, valuesDigest: String,
    imagesDigest: String, images: Int,
    featureData: String, auditedImages: Int, correct: Int, auditedData: String,
    trial: FeatureFindings.Trial, settings: String, classes: [Int],
    skipped: [FeatureFindings.Skipped]
  ) {
    self.model = model
    self.modelDigest = modelDigest
    self.featuresAt = featuresAt
    self.valuesDigest = valuesDigest
    self.imagesDigest = imagesDigest
    self.images = images
    self.featureData = featureData
    self.auditedImages = auditedImages
    self.correct = correct
    self.auditedData = auditedData
    self.trial = trial
    self.settings = settings
    self.classes = classes
    self.skipped = skipped
  }

  /// Throws when it cannot be encoded.
  package var digest: String {
    get throws { Digest.sha256(try CanonicalJSON.encode(self, pretty: false)) }
  }
}

/// What was found of one class: enough to show, label and repair it.
package struct FeatureRecord: Codable, Equatable, Sendable {
  /// A region with the image it is of.
  package struct Region: Codable, Equatable, Sendable {
    /// In the feature data.
    package let image: Int
    /// Row-major positions.
    package let positions: PackedNumbers<Int32>

    package init(image: Int, positions: [Int]) {
      self.image = image
      self.positions = PackedNumbers(positions.map { Int32($0) })
    }
  }

  /// Digest of the plan it is of.
  package let plan: String
  package let known: FeatureFindings.Class
  /// By component; without pictures for those that no report shows.
  package let pictures: [ComponentPictures]
  /// Of ψ over the images that the components were found in, `[d]`.
  package let mean: PackedNumbers<Double>
  /// Of ψ over images of the class as they are met in use, `[d]`: what repairs leave as it is.
  package let ordinaryMean: PackedNumbers<Double>
  /// Unit vectors of the components, `[components, d]`.
  package let vectors: PackedNumbers<Double>
  /// What measures them where ψ varies as over the ordinary images, `[components, d]`.
  package let filters: PackedNumbers<Double>
  /// α of the class's images, `[images, components]`.
  package let alphas: PackedNumbers<Float>
  /// By component, the regions that were pasted; none for those that no report shows.
  package let regions: [[Region]]
  /// Images of the audited data that regions were pasted into.
  package let targets: [Int]

  package init(
    plan: String, known: FeatureFindings.Class, pictures: [ComponentPictures], mean: [Double],
    ordinaryMean: [Double], vectors: [Double], filters: [Double],
    alphas: [Float], regions: [[Region]], targets: [Int]
  ) {
    self.plan = plan
    self.known = known
    self.pictures = pictures
    self.mean = PackedNumbers(mean)
    self.ordinaryMean = PackedNumbers(ordinaryMean)
    self.vectors = PackedNumbers(vectors)
    self.filters = PackedNumbers(filters)
    self.alphas = PackedNumbers(alphas)
    self.regions = regions
    self.targets = targets
  }

  /// α of a component, by image.
  func alphas(of place: Int) -> [Double] {
    stride(from: place, to: alphas.values.count, by: known.components.count).map {
      Double(alphas.values[$0])
    }
  }

  /// The unit vector of a component.
  package func vector(_ place: Int) -> ArraySlice<Double> {
    let d = mean.values.count
    return vectors.values[place * d..<(place + 1) * d]
  }
}

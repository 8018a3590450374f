import SharedWork
import Statistics

/// Two runs, image by image.
///
/// Everything its section shows is in it, so that a report can be rendered again without the
/// baseline.
package struct Comparison: Codable, Equatable, Sendable {
  package static let currentVersion = 2

  /// Images right in one run and wrong in the other.
  package struct Flips: Codable, Equatable, Sendable {
    /// Images compared.
    package let n: Int
    /// Predictions that are another class now.
    package let changed: Int
    package let lost: Int
    package let gained: Int
    /// Exact McNemar test of `lost` against `gained`, two-sided.
    package let p: Double
  }

  /// What changed for one τ.
  package struct ThresholdValue: Codable, Equatable, Sendable {
    package let threshold: Double
    /// Images that reach τ in both runs.
    package let n: Int
    /// SIS size now minus then, fractions of the image.
    @OrNull package var change: MeanEstimate?
    @OrNull package var current: Double?
    @OrNull package var baseline: Double?
    /// Pixels in both subsets over pixels in either.
    @OrNull package var overlap: MeanEstimate?
    /// The overlap of random subsets of the same sizes.
    @OrNull package var overlapByChance: Double?

    package enum CodingKeys: String, CodingKey {
      case threshold, n, change, current, baseline, overlap
      case overlapByChance = "overlap_by_chance"
    }
  }

  /// A metric now minus then, over what the shared audited images stand for.
  package struct MetricChange: Codable, Equatable, Sendable {
    package let metric: String
    @OrNull package var threshold: Double?
    package let change: MeanEstimate
  }

  /// One model now and then.
  package struct ModelChange: Codable, Equatable, Sendable {
    package let model: String
    package let baselineModel: String
    /// Whether the files are the same.
    package let isUnchanged: Bool
    /// Accuracy now minus then over all shared images of the dataset.
    @OrNull package var accuracy: MeanEstimate?
    @OrNull package var flips: Flips?
    /// Accuracy on q% subsets now minus then, as `changes` have it.
    @OrNull package var subsetAccuracy: MeanEstimate?
    package let thresholds: [ThresholdValue]
    /// Of every metric that says what an audited image counts in it; nil in comparisons of earlier
    /// versions.
    package let changes: [MetricChange]?
    package let changedMost: [ChangedImage]
    /// Components of features that suffice alone; nil where they were not looked for in both runs.
    package let sufficient: SufficientSince?

    package enum CodingKeys: String, CodingKey {
      case model, accuracy, flips, thresholds, changes, sufficient
      case baselineModel = "baseline_model"
      case isUnchanged = "is_unchanged"
      case subsetAccuracy = "subset_accuracy"
      case changedMost = "changed_most"
    }
  }

  /// One image under both runs.
  package struct ChangedImage: Codable, Equatable, Sendable {
    /// What one run says of the image.
    package struct Side: Codable, Equatable, Sendable {
      package let predicted: Int
      package let confidence: Double
      /// Nil when the image does not reach the threshold.
      @OrNull package var pixels: [Int]?
    }

    package let image: String
    package let label: Int
    package let threshold: Double
    package let height: Int
    package let width: Int
    package let channels: Int
    package let display: PackedNumbers<UInt8>
    package let current: Side
    package let baseline: Side
  }

  package var version = currentVersion
  /// What the baseline is called, and when it ran.
  package let baselineName: String
  @OrNull package var baselineDate: String?
  /// Images of the datasets: in both runs, and in one only (null when a run did not keep them).
  package let sharedImages: Int
  @OrNull package var onlyCurrent: Int?
  @OrNull package var onlyBaseline: Int?
  /// Of the same name in both runs but another picture or label; they are not compared.
  package let differing: Int
  /// Images audited in this run, and in both.
  package let audited: Int
  package let sharedAudited: Int
  /// Images of both datasets that the shared audited ones stand for, and the groups of images of which
  /// none was audited in both; changes of subsets are of the former alone.
  package let represented: Int
  package let unrepresented: [String]
  package let models: [ModelChange]
  /// What the two runs read differently.
  package let readings: [DifferingReading]
  /// Models of one run without a counterpart in the other.
  package let unmatched: [String]
  /// Why subsets are not compared; nil when they are.
  @OrNull package var subsetsNotCompared: String?

  package enum CodingKeys: String, CodingKey {
    case version, differing, readings, audited, models, unmatched, represented, unrepresented
    case baselineName = "baseline"
    case baselineDate = "baseline_date"
    case sharedImages = "shared_images"
    case onlyCurrent = "only_current"
    case onlyBaseline = "only_baseline"
    case sharedAudited = "shared_audited"
    case subsetsNotCompared = "subsets_not_compared"
  }

  /// A change known image by image.
  package struct Change: Equatable, Sendable {
    package let estimate: MeanEstimate
    /// Whether it holds for all images: the model is the same.
    package let isExact: Bool
  }

  /// The change of a metric where it is known for most images, image by image.
  package func change(metric: String, model: String?, threshold: Double?) -> Change? {
    guard let model = models.first(where: { $0.model == model }) else { return nil }
    let estimate: MeanEstimate?
    let known = Metric.named(metric)
    switch known?.pairing {
    case .accuracy:
      estimate = coversMostImages ? model.accuracy : nil
    case .auditedImages:
      let same = model.changes?.first { $0.metric == known?.name && $0.threshold == threshold }
      estimate = coversMostAudited ? same?.change : nil
    case nil:
      estimate = nil
    }
    return estimate.map { Change(estimate: $0, isExact: model.isUnchanged) }
  }

  /// Whether the shared images can stand for both datasets.
  private var coversMostImages: Bool {
    let rest = (onlyCurrent ?? 0) + (onlyBaseline ?? 0) + differing
    return Double(sharedImages) >= 0.9 * Double(sharedImages + rest)
  }

  /// Whether the shared audited images stand for all that were audited now.
  private var coversMostAudited: Bool {
    2 * sharedAudited >= audited && unrepresented.isEmpty && coversMostImages
  }
}

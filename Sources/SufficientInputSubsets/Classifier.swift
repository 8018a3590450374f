/// A decision that pixels support: the audited class's score under any set of visible pixels.
///
/// The model, the image, the class and the mask value are fixed inside; the procedures of this
/// library only choose pixels. Pixels are numbered in row-major order from 0.
public protocol Classifier {
  /// The number of pixels *p*, visible or not.
  var pixelCount: Int { get }

  /// Evaluates the model on each set of visible pixels, all others masked.
  ///
  /// `visibleSets`: sets of `pixelCount` pixels.
  ///
  /// Returns one evaluation per set, in order.
  mutating func evaluate(_ visibleSets: [PixelSet]) throws -> [Evaluation]

  /// Evaluates what changing one pixel would do, for each candidate: masking it when it is visible,
  /// showing it when it is masked.
  ///
  /// `candidates`: pixels.
  ///
  /// `visible`: pixels visible before the change.
  ///
  /// Returns one evaluation per candidate, in order.
  mutating func evaluateToggling(
    eachOf candidates: [Int], visible: PixelSet
  ) throws -> [Evaluation]

  /// For every pixel, the first-order estimate of how much masking it raises the score:
  /// −Σ_channels x · ∂s/∂x at the current masked image, x the pixel's own value relative to the mask
  /// value.
  ///
  /// "Batched Gradient BackSelect" in "Overinterpretation …", section S5.
  ///
  /// - Returns: `pixelCount` numbers; showing a masked pixel changes the score by the negative.
  mutating func maskGradient(visible: PixelSet) throws -> [Float]
}

extension Classifier {
  /// One whole evaluation per candidate; models that can do better override this.
  public mutating func evaluateToggling(
    eachOf candidates: [Int], visible: PixelSet
  ) throws -> [Evaluation] {
    try evaluate(candidates.map { visible.toggling(CollectionOfOne($0)) })
  }
}

/// What the model says of the audited class.
public struct Evaluation: Codable, Equatable, Sendable {
  /// What BackSelect keeps high: log-odds, or probability on request.
  ///
  /// Any monotone function of confidence gives the same order in exact arithmetic.
  public let score: Double
  /// The softmax probability f_c, in `0...1` for classifiers.
  ///
  /// Thresholds apply to it.
  public let confidence: Double
  /// How far below the best score another may be and still count as equal to it: what lies between
  /// is rounding, not the model's opinion; 0 for scores that are exact.
  public let resolution: Double
  /// Whether the audited class has the highest output, whatever its confidence: the criterion *top-1*.
  public let isTop: Bool

  private enum CodingKeys: String, CodingKey {
    case score, confidence, resolution
    case isTop = "is_top"
  }

  /// The part of a number that Float32 does not tell, after the sums of a network: 128 units in the
  /// last place.
  public static let relativeResolution = 0x1p-17

  /// Creates an evaluation.
  ///
  /// `isTop`: nil where only a confidence above one half tells.
  public init(score: Double, confidence: Double, resolution: Double = 0, isTop: Bool? = nil) {
    self.isTop = isTop ?? (confidence > 0.5)
    self.score = score
    self.confidence = confidence
    self.resolution = resolution
  }
}

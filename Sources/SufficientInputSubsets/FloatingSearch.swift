/// How a floating BackSelect goes from all pixels to none.
public struct FloatingSearch: Codable, Equatable, Sendable {
  /// The share of the pixels that the first gradient leaves visible.
  public var firstShare: Double
  /// The weight of earlier gradients in the average that ranks pixels, in 0..<1.
  public var memory: Double
  /// The share of the visible pixels by which a step makes them fewer, as long as confidence stays high.
  public var coarseShare: Double
  /// Shares of the visible pixels that a coarse step may exchange for masked ones, ascending: each is
  /// evaluated.
  public var coarseExchanges: [Double]
  /// Confidence below which steps are fine.
  public var fineBelow: Double
  /// The share of the visible pixels by which a fine step makes them fewer.
  public var fineShare: Double
  /// Groups of visible pixels that a fine step evaluates for masking.
  public var shortlist: Int
  /// Groups by which a fine step makes the visible pixels fewer.
  public var groups: Int
  /// Groups of masked pixels that a fine step evaluates for showing again.
  public var returning: Int
  /// How much of what evaluation says of a pixel replaces its average gradient in the ranking, in 0...1.
  public var measuredWeight: Double
  /// Fine steps per gradient.
  public var finePerGradient: Int
  /// Confidence below which the ranking is followed without evaluation.
  public var restBelow: Double
  /// The share of the visible pixels masked by a step then; 1: all at once.
  public var restShare: Double
  /// Whether sufficient sets met on the way are kept where they are smaller than the end of the order.
  public var keepsSmallest: Bool

  private enum CodingKeys: String, CodingKey {
    case memory, shortlist, groups, returning
    case firstShare = "first_share"
    case coarseShare = "coarse_share"
    case coarseExchanges = "coarse_exchanges"
    case fineBelow = "fine_below"
    case fineShare = "fine_share"
    case restBelow = "rest_below"
    case restShare = "rest_share"
    case measuredWeight = "measured_weight"
    case finePerGradient = "fine_per_gradient"
    case keepsSmallest = "keeps_smallest"
  }

  /// For images of few pixels: single ones are evaluated once fewer than some three hundred are visible.
  ///
  /// What measured best at 28×28, see docs/FIDELITY.md.
  public static let fine = FloatingSearch(
    firstShare: 0.5, memory: 0.5, coarseShare: 0.05,
    coarseExchanges: [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4], fineBelow: 0.999, fineShare: 0.04,
    shortlist: 24, groups: 12, returning: 24, measuredWeight: 0.6, finePerGradient: 4,
    restBelow: 0.02, restShare: 0.05)

  /// For images of many pixels: groups are evaluated.
  ///
  /// What measured best at 224×224 within ten seconds of a core, see docs/FIDELITY.md: more groups find
  /// smaller sets.
  public static let coarse = FloatingSearch()

  /// For images of many pixels and networks of many multiply-adds: larger steps and fewer groups, in a
  /// third of the evaluations.
  public static let quick = FloatingSearch(
    firstShare: 0.2, coarseShare: 0.3, fineShare: 0.2, shortlist: 2, groups: 1, returning: 1,
    finePerGradient: 1)

  /// Creates a search.
  public init(
    firstShare: Double = 0.3, memory: Double = 0.8, coarseShare: Double = 0.15,
    coarseExchanges: [Double] = [0, 0.1, 0.3], fineBelow: Double = 0.995, fineShare: Double = 0.1,
    shortlist: Int = 6, groups: Int = 4,
    returning: Int = 2, measuredWeight: Double = 0.6, finePerGradient: Int = 2,
    restBelow: Double = 0.05, restShare: Double = 1, keepsSmallest: Bool = true
  ) {
    self.firstShare = firstShare
    self.memory = memory
    self.coarseShare = coarseShare
    self.coarseExchanges = coarseExchanges
    self.fineBelow = fineBelow
    self.fineShare = fineShare
    self.shortlist = shortlist
    self.groups = groups
    self.returning = returning
    self.measuredWeight = measuredWeight
    self.finePerGradient = finePerGradient
    self.restBelow = restBelow
    self.restShare = restShare
    self.keepsSmallest = keepsSmallest
  }
}

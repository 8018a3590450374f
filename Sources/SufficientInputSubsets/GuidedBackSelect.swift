/// How one search of guided BackSelect goes.
public struct GuidedSearch: Codable, Equatable, Sendable {
  /// Pixels evaluated per step, at least 1.
  public var shortlist: Int
  /// The share of the visible pixels masked per step: one pixel at least, two thirds of the shortlist
  /// at most, so that there is a choice.
  public var stepShare: Double

  private enum CodingKeys: String, CodingKey {
    case shortlist
    case stepShare = "step_share"
  }

  /// Searches of which the best is kept; what measured best, see docs/FIDELITY.md.
  public static let standard = [
    GuidedSearch(shortlist: 24, stepShare: 0.02), GuidedSearch(shortlist: 28, stepShare: 0.03),
  ]

  /// Creates a search.
  public init(shortlist: Int, stepShare: Double = 0) {
    precondition(shortlist >= 1, "shortlist \(shortlist) is below 1")
    self.shortlist = shortlist
    self.stepShare = stepShare
  }

  /// Pixels masked by a step that starts with `visible` pixels.
  func block(visible: Int) -> Int {
    max(1, min(shortlist * 2 / 3, Int(stepShare * Double(visible))))
  }
}

/// Masks pixels least needed first, by evaluating a shortlist at each step; searches several times and
/// keeps the order whose mean confidence, over all numbers of visible pixels, is highest; of equals
/// the first.
///
/// The shortlist holds the visible pixels with the highest mask gradient at the current image; of
/// those the ones whose masking leaves the score highest are masked: one, or a small share of the
/// visible pixels while there are many. Ties go to the lowest index, in the shortlist and in the
/// choice. Once the shortlist would hold every visible pixel, no gradient is needed. The curve
/// between pixels masked in one step is evaluated at the end.
///
/// Greedy searches end in subsets that differ by chance; two that step differently find a smaller one
/// more often than one that looks harder.
///
/// Ours; docs/FIDELITY.md measures it against *exact*.
public struct GuidedBackSelect: BackSelectProcedure {
  private let start: PixelSet
  private let searches: [GuidedSearch]
  /// The search at work; the searches before it are finished.
  private var position = 0
  private var current: GreedySearch
  private var best: BackSelectRun?
  /// Of the finished searches.
  private var cost = BackSelectCost()

  /// A search that has not begun.
  ///
  /// - Parameters:
  ///   - start: Pixels visible before the first step.
  ///   - searches: At least one.
  public init(from start: PixelSet, searches: [GuidedSearch]) {
    precondition(!searches.isEmpty, "no search was given")
    self.start = start
    self.searches = searches
    current = GreedySearch(from: start, search: searches[0])
  }

  /// The number of pixels masked so far, in all searches.
  public var maskedCount: Int {
    position * start.count + (position < searches.count ? current.maskedCount : 0)
  }

  /// What was found; nil while there is work left.
  public var result: BackSelectRun? {
    guard position == searches.count, var best else { return nil }
    best.cost = cost
    return best
  }

  /// Does the next piece of work; the search is as it was when that throws.
  public mutating func step(on classifier: inout some Classifier) throws {
    try current.step(on: &classifier)
    guard let run = current.result else { return }
    cost += run.cost
    if best.map({ run.isBetter(than: $0) }) ?? true { best = run }
    position += 1
    if position < searches.count {
      current = GreedySearch(from: start, search: searches[position])
    }
  }
}

extension BackSelectRun {
  /// Mean confidences that differ by less are equal: Float32 does not tell them apart.
  private static let leastDifference = Evaluation.relativeResolution

  fileprivate func isBetter(than other: BackSelectRun) -> Bool {
    meanConfidence > other.meanConfidence + BackSelectRun.leastDifference
  }

  /// Over the known part of the curve.
  private var meanConfidence: Double {
    let known = curve.compactMap { $0?.confidence }
    return known.reduce(0, +) / Double(known.count)
  }
}

/// Runs `GuidedBackSelect` to its end.
///
/// - Parameters:
///   - start: Pixels visible before the first step.
///   - searches: At least one.
///   - classifier: The decision to explain.
///   - progress: Called with the number of pixels masked so far, in all searches.
/// - Returns: The best run, with the cost of all.
/// - Throws: Only what `classifier` or `progress` throws.
/// - Complexity: For each search at most *n* gradients and *n* · (`shortlist` + 1) + 1 evaluations,
///   where *n* is `start.count`.
public func guidedBackSelect(
  from start: PixelSet, searches: [GuidedSearch], on classifier: inout some Classifier,
  progress: (Int) throws -> Void = { _ in }
) throws -> BackSelectRun {
  var search = GuidedBackSelect(from: start, searches: searches)
  return try search.finish(on: &classifier, progress: progress)
}

/// Runs one search of `GuidedBackSelect`.
public func guidedBackSelect(
  from start: PixelSet, search: GuidedSearch, on classifier: inout some Classifier,
  progress: (Int) throws -> Void = { _ in }
) throws -> BackSelectRun {
  try guidedBackSelect(from: start, searches: [search], on: &classifier, progress: progress)
}

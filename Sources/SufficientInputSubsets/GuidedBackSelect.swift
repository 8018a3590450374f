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

/// Searches several times and keeps the order whose mean confidence, over all numbers of visible
/// pixels, is highest; of equals the first.
///
/// Greedy searches end in subsets that differ by chance; two that step differently find a smaller one
/// more often than one that looks harder.
///
/// - Parameters:
///   - start: Pixels visible before the first step.
///   - searches: At least one.
///   - classifier: The decision to explain.
///   - progress: Called with the number of pixels masked so far, in all searches.
/// - Returns: The best run, with the cost of all.
/// - Throws: Only what `classifier` or `progress` throws.
public func guidedBackSelect(
  from start: PixelSet, searches: [GuidedSearch], on classifier: inout some Classifier,
  progress: (Int) throws -> Void = { _ in }
) throws -> BackSelectRun {
  var best: BackSelectRun?
  var cost = BackSelectCost()
  for (position, search) in searches.enumerated() {
    let run = try guidedBackSelect(from: start, search: search, on: &classifier) {
      try progress(position * start.count + $0)
    }
    cost.evaluations += run.cost.evaluations
    cost.gradients += run.cost.gradients
    cost.steps += run.cost.steps
    cost.tiedSteps += run.cost.tiedSteps
    if best.map({ run.meanConfidence > $0.meanConfidence }) ?? true { best = run }
  }
  guard var best else { preconditionFailure("no search was given") }
  best.cost = cost
  return best
}

extension BackSelectRun {
  /// Over the known part of the curve.
  fileprivate var meanConfidence: Double {
    let known = curve.compactMap { $0?.confidence }
    return known.reduce(0, +) / Double(known.count)
  }
}

/// Masks pixels least needed first, by evaluating a shortlist at each step.
///
/// The shortlist holds the visible pixels with the highest mask gradient at the current image; of
/// those the ones whose masking leaves the score highest are masked: one, or a small share of the
/// visible pixels while there are many. Ties go to the lowest index, in the shortlist and in the
/// choice. Once the shortlist would hold every visible pixel, no gradient is needed. The curve
/// between pixels masked in one step is evaluated at the end.
///
/// Ours; docs/FIDELITY.md measures it against *exact*.
///
/// - Parameters:
///   - start: Pixels visible before the first step.
///   - search: Shortlist and step.
///   - classifier: The decision to explain.
///   - progress: Called with the number of pixels masked so far.
/// - Returns: One step per pixel of `start`, first masked first.
/// - Throws: Only what `classifier` or `progress` throws.
/// - Complexity: At most *n* gradients and *n* · (`shortlist` + 1) + 1 evaluations, where *n* is
///   `start.count`.
public func guidedBackSelect(
  from start: PixelSet, search: GuidedSearch, on classifier: inout some Classifier,
  progress: (Int) throws -> Void = { _ in }
) throws -> BackSelectRun {
  try greedyBackSelect(from: start, on: &classifier, progress: progress) {
    visible, classifier, cost in
    let block = search.block(visible: visible.count)
    guard visible.count > search.shortlist else { return (visible.pixels, block) }
    let gradient = try classifier.maskGradient(visible: visible)
    cost.gradients += 1
    return (highest(search.shortlist, of: visible.pixels, by: gradient).sorted(), block)
  }
}

/// The `count` pixels with the highest value, highest first; ties go to the lowest index.
///
/// `pixels`: ascending.
func highest(_ count: Int, of pixels: [Int], by values: [Float]) -> [Int] {
  let ranked = pixels.sorted { left, right in
    values[left] != values[right] ? values[left] > values[right] : left < right
  }
  return Array(ranked.prefix(count))
}

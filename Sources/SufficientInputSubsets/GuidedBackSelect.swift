/// How guided BackSelect searches.
public struct GuidedSearch: Equatable, Sendable {
  /// Pixels evaluated per step, at least 1.
  public var shortlist: Int
  /// The share of the visible pixels masked per step; one pixel at least.
  public var stepShare: Double

  /// What measured best; see docs/FIDELITY.md.
  public static let standard = GuidedSearch(shortlist: 24, stepShare: 0.01)

  /// Creates a search.
  public init(shortlist: Int, stepShare: Double = 0) {
    precondition(shortlist >= 1, "shortlist \(shortlist) is below 1")
    self.shortlist = shortlist
    self.stepShare = stepShare
  }

  /// Pixels masked by a step that starts with `visible` pixels.
  func block(visible: Int) -> Int {
    max(1, min(shortlist, Int(stepShare * Double(visible))))
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

/// Returns pixels, last masked first, until what is visible reaches the threshold.
///
/// Empty when the fully masked image already reaches it; every pixel when no recorded masking does,
/// so the caller makes sure that the unmasked image reaches it. When the curve is not monotone, the
/// smallest subset counts, even if one pixel more falls below again.
///
/// *FindSIS* in Carter et al. (2019).
///
/// - Parameters:
///   - steps: A BackSelect's steps, first masked first.
///   - threshold: The confidence τ to reach; equality counts.
/// - Returns: The subset, last masked pixel first.
/// - Complexity: O(*n*), without evaluations.
public func findSIS(in steps: [BackSelectStep], threshold: Double) -> [Int] {
  var subset: [Int] = []
  for step in steps.reversed() {
    if let confidence = step.confidenceAfter, confidence >= threshold { break }
    subset.append(step.pixel)
  }
  return subset
}

extension BackSelectRun {
  /// The sufficient input subset at `threshold`, last masked pixel first; nil when even `start` stays
  /// below it.
  ///
  /// The end of the order, or a smaller set that the search met on its way.
  public func sufficientInputSubset(threshold: Double) -> [Int]? {
    guard initial.confidence >= threshold else { return nil }
    return visited(.confidence(threshold))?.pixels ?? findSIS(in: steps, threshold: threshold)
  }

  /// The smallest set that gives the audited class the highest output, last masked pixel first; nil when
  /// even `start` does not.
  ///
  /// The end of the order, or a smaller set that the search met on its way.
  public var topOneSubset: [Int]? {
    visited(.topOne)?.pixels
      ?? sizeOfEnd(meeting: .topOne).map { order.suffix($0).reversed() }
  }

  /// The number of pixels of the top-1 subset, when there is one.
  public var topOneSubsetSize: Int? { topOneSubset?.count }

  /// The smallest number of pixels, last masked first, that is known to meet a criterion; nil when even
  /// `start` does not.
  func sizeOfEnd(meeting criterion: SufficiencyCriterion) -> Int? {
    guard criterion.isMet(by: initial) else { return nil }
    return curve.firstIndex { $0.map(criterion.isMet) ?? false }
  }

  private func visited(_ criterion: SufficiencyCriterion) -> VisitedSubset? {
    visited.first { $0.criterion == criterion }
  }

  /// The number of pixels of the sufficient input subset at `threshold`, when there is one.
  public func sufficientInputSubsetSize(threshold: Double) -> Int? {
    sufficientInputSubset(threshold: threshold)?.count
  }
}

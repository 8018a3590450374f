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
  public func sufficientInputSubset(threshold: Double) -> [Int]? {
    guard initial.confidence >= threshold else { return nil }
    return findSIS(in: steps, threshold: threshold)
  }

  /// The smallest number of pixels, last masked first, that gives the audited class the highest output;
  /// nil when even `start` does not.
  public var topOneSubsetSize: Int? {
    guard initial.isTop else { return nil }
    return curve.firstIndex { $0?.isTop ?? false }
  }

  /// The number of pixels of the sufficient input subset at `threshold`, when there is one.
  public func sufficientInputSubsetSize(threshold: Double) -> Int? {
    sufficientInputSubset(threshold: threshold)?.count
  }
}

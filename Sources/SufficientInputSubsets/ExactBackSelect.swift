/// Masks pixels one at a time, least needed first, by evaluating every remaining pixel.
///
/// Each step masks the pixel whose masking leaves the score highest. Ties go to the lowest index.
///
/// *BackSelect* in Carter et al., "What made you do this?" (2019); "Overinterpretation …", 3.2.
public struct ExactBackSelect: BackSelectProcedure {
  private var search: GreedySearch

  /// A search that has not begun.
  ///
  /// `start`: pixels visible before the first step.
  public init(from start: PixelSet) {
    search = GreedySearch(from: start, search: nil)
  }

  /// The number of pixels masked so far, in all searches.
  public var maskedCount: Int { search.maskedCount }

  /// What was found; nil while there is work left.
  public var result: BackSelectRun? { search.result }

  /// Does the next piece of work; the search is as it was when that throws.
  public mutating func step(on classifier: inout some Classifier) throws {
    try search.step(on: &classifier)
  }
}

/// Runs `ExactBackSelect` to its end.
///
/// - Parameters:
///   - start: Pixels visible before the first step.
///   - classifier: The decision to explain.
///   - progress: Called with the number of pixels masked so far.
/// - Returns: One step per pixel of `start`, first masked first.
/// - Throws: Only what `classifier` or `progress` throws.
/// - Complexity: O(*n*²) evaluations, where *n* is `start.count`; *n*(*n*+1)/2 + 1 exactly.
public func exactBackSelect(
  from start: PixelSet, on classifier: inout some Classifier,
  progress: (Int) throws -> Void = { _ in }
) throws -> BackSelectRun {
  var search = ExactBackSelect(from: start)
  return try search.finish(on: &classifier, progress: progress)
}

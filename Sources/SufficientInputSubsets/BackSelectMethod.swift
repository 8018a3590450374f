/// How BackSelect chooses the next pixel to mask.
public enum BackSelectMethod: Equatable, Sendable {
  /// Evaluates every remaining pixel at every step: *p*(*p*+1)/2 + 1 evaluations.
  case exact
  /// Evaluates a shortlist of the pixels with the highest mask gradient.
  case guided(shortlist: Int)
  /// Masks the pixels with the highest mask gradient, `block` at a time.
  case gradient(block: Int)

  /// The shortlist that measured best: see the table in METHODS, section 2.
  public static let defaultShortlist = 12
  /// The paper's block for ImageNet.
  public static let defaultBlock = 100

  /// Finds the order in which the pixels of `start` can be masked, least needed first.
  ///
  /// - Parameters:
  ///   - start: Pixels visible before the first step.
  ///   - classifier: The decision to explain.
  ///   - thresholds: Where *gradient* refines its curve to single pixels; other methods know their
  ///     whole curve.
  ///   - progress: Called with the number of pixels masked so far after every step; what it throws
  ///     ends the search.
  /// - Returns: One step per pixel of `start`.
  /// - Throws: Only what `classifier` or `progress` throws.
  public func run(
    from start: PixelSet, on classifier: inout some Classifier, thresholds: [Double] = [],
    progress: (Int) throws -> Void = { _ in }
  ) throws -> BackSelectRun {
    switch self {
    case .exact:
      try exactBackSelect(from: start, on: &classifier, progress: progress)
    case .guided(let shortlist):
      try guidedBackSelect(
        from: start, shortlist: shortlist, on: &classifier, progress: progress)
    case .gradient(let block):
      try gradientBackSelect(
        from: start, block: block, thresholds: thresholds, on: &classifier, progress: progress)
    }
  }
}

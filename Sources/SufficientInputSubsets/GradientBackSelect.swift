/// Masks the pixels with the highest mask gradient, a block at a time, without evaluating candidates.
///
/// Inside a block the pixel with the highest gradient counts as masked first; ties go to the lowest
/// index. The model's answer is known after each block, and after each pixel of the blocks in which
/// the curve first reaches a threshold or top-1, so that SIS sizes are not rounded up to blocks. A crossing
/// inside a block whose ends both stay below the threshold is not seen.
///
/// *Batched Gradient BackSelect* in "Overinterpretation …", section S5, where the block is *k* = 100.
public struct GradientBackSelect: BackSelectProcedure {
  private let start: PixelSet
  private let block: Int
  private let criteria: [SufficiencyCriterion]
  private var visible: PixelSet
  /// Steps so far; nil before the first evaluation.
  private var run: BackSelectRun?
  /// Criteria at whose crossing the curve has been refined.
  private var refinedCount = 0

  /// A search that has not begun.
  ///
  /// - Parameters:
  ///   - start: Pixels visible before the first step.
  ///   - block: Pixels masked per gradient, at least 1.
  ///   - thresholds: Confidences at which the curve is refined, as it is for top-1.
  public init(from start: PixelSet, block: Int, thresholds: [Double]) {
    precondition(block >= 1, "block \(block) is below 1")
    self.start = start
    self.block = block
    criteria = SufficiencyCriterion.all(thresholds)
    visible = start
  }

  /// The number of pixels masked so far, in all searches.
  public var maskedCount: Int { run?.steps.count ?? 0 }

  /// What was found; nil while there is work left.
  public var result: BackSelectRun? {
    visible.isEmpty && refinedCount == criteria.count ? run : nil
  }

  /// Does the next piece of work; the search is as it was when that throws.
  public mutating func step(on classifier: inout some Classifier) throws {
    guard var run else {
      run = try BackSelectRun(from: start, on: &classifier)
      return
    }
    if visible.isEmpty {
      try run.refineCrossing(of: criteria[refinedCount], on: &classifier)
      refinedCount += 1
    } else {
      visible = try maskBlock(&run, on: &classifier)
    }
    self.run = run
  }

  /// Returns what is still visible.
  private func maskBlock(
    _ run: inout BackSelectRun, on classifier: inout some Classifier
  ) throws -> PixelSet {
    var visible = visible
    let gradient = try classifier.maskGradient(visible: visible)
    let masked = highest(block, of: visible.pixels, by: gradient)
    for pixel in masked { visible.remove(pixel) }
    let after = try classifier.evaluate([visible])[0]
    run.cost.gradients += 1
    run.cost.steps += 1
    run.cost.evaluations += 1
    run.steps += masked.map { BackSelectStep(pixel: $0, after: nil) }
    run.steps[run.steps.count - 1].after = after
    return visible
  }
}

/// Runs `GradientBackSelect` to its end.
///
/// - Parameters:
///   - start: Pixels visible before the first step.
///   - block: Pixels masked per gradient, at least 1.
///   - thresholds: Confidences at which the curve is refined.
///   - classifier: The decision to explain.
///   - progress: Called with the number of pixels masked so far.
/// - Returns: One step per pixel of `start`, first masked first.
/// - Throws: Only what `classifier` or `progress` throws.
/// - Complexity: ⌈*n* / `block`⌉ gradients, where *n* is `start.count`.
public func gradientBackSelect(
  from start: PixelSet, block: Int, thresholds: [Double], on classifier: inout some Classifier,
  progress: (Int) throws -> Void = { _ in }
) throws -> BackSelectRun {
  var search = GradientBackSelect(from: start, block: block, thresholds: thresholds)
  return try search.finish(on: &classifier, progress: progress)
}

/// Drops pixels from a sufficient subset until none can be dropped without falling below the
/// threshold.
///
/// Backward selection alone does not promise this: a pixel it kept may have become needless later.
/// Each round drops the pixel whose absence leaves the score highest; ties go to the lowest index.
/// The paper's word *minimal* in "Overinterpretation …", section 3.2, holds for the result: every
/// proper subset with one pixel less stays below.
///
/// - Parameters:
///   - subset: Pixels that reach `threshold`.
///   - threshold: The confidence τ to keep; equality counts.
///   - classifier: The decision to explain.
///   - cost: What evaluations are added to.
/// - Returns: What is left, in the order of `subset`.
/// - Throws: Only what `classifier` throws.
/// - Complexity: At most *m*(*m*+1)/2 evaluations, where *m* is `subset.count`.
public func minimalSubset(
  of subset: [Int], threshold: Double, on classifier: inout some Classifier,
  cost: inout BackSelectCost
) throws -> [Int] {
  var visible = PixelSet(subset, of: classifier.pixelCount)
  while !visible.isEmpty {
    let pixels = visible.pixels
    let evaluations = try classifier.evaluateToggling(eachOf: pixels, visible: visible)
    cost.evaluations += pixels.count
    let reaching = evaluations.indices.filter { evaluations[$0].confidence >= threshold }
    let choice = Choice(best: 1, of: reaching.map { evaluations[$0] })
    guard let best = choice.positions.first else { break }
    visible.remove(pixels[reaching[best]])
  }
  return subset.filter(visible.contains)
}

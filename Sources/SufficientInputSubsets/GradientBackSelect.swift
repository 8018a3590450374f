/// Masks the pixels with the highest mask gradient, `block` at a time, without evaluating candidates.
///
/// Inside a block the pixel with the highest gradient counts as masked first; ties go to the lowest
/// index. The model's answer is known after each block, and after each pixel of the blocks in which
/// the curve first reaches one of `thresholds`, so that SIS sizes are not rounded up to blocks. A
/// crossing inside a block whose ends both stay below the threshold is not seen.
///
/// *Batched Gradient BackSelect* in "Overinterpretation …", section S5, where `block` is *k* = 100.
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
  precondition(block >= 1, "block \(block) is below 1")
  var cost = BackSelectCost()
  let initial = try classifier.evaluate([start])[0]
  cost.evaluations += 1

  var visible = start
  var steps: [BackSelectStep] = []
  while !visible.isEmpty {
    let gradient = try classifier.maskGradient(visible: visible)
    cost.gradients += 1
    cost.steps += 1
    let masked = highest(block, of: visible.pixels, by: gradient)
    for pixel in masked { visible.remove(pixel) }
    let after = try classifier.evaluate([visible])[0]
    cost.evaluations += 1
    steps += masked.map { BackSelectStep(pixel: $0, after: nil) }
    steps[steps.count - 1].after = after
    try progress(steps.count)
  }
  var run = BackSelectRun(start: start, initial: initial, steps: steps, cost: cost)
  for threshold in thresholds {
    try run.refineCrossing(of: threshold, on: &classifier)
  }
  return run
}

extension BackSelectRun {
  /// Evaluates, one pixel at a time, the block in which the curve first reaches `threshold` when
  /// pixels return, last masked first.
  mutating func refineCrossing(
    of threshold: Double, on classifier: inout some Classifier
  ) throws {
    let curve = curve
    guard
      let crossing = curve.indices.first(where: { (curve[$0]?.confidence ?? -1) >= threshold })
    else { return }
    let unknown = (0..<crossing).reversed().prefix { curve[$0] == nil }
    guard !unknown.isEmpty else { return }
    let sizes = Array(unknown.reversed())
    let sets = sizes.map { PixelSet(subset(ofSize: $0), of: start.flags.count) }
    let evaluations = try classifier.evaluate(sets)
    cost.evaluations += sets.count
    for (size, evaluation) in zip(sizes, evaluations) {
      steps[steps.count - 1 - size].after = evaluation
    }
  }
}

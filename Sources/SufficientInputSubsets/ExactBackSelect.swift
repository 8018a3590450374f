/// Masks pixels one at a time, least needed first, by evaluating every remaining pixel.
///
/// Each step masks the pixel whose masking leaves the score highest. Ties go to the lowest index.
///
/// *BackSelect* in Carter et al., "What made you do this?" (2019); "Overinterpretation …", 3.2.
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
  try greedyBackSelect(from: start, on: &classifier, progress: progress) { visible, _, _ in
    visible.pixels
  }
}

/// Masks, until nothing is visible, the best by evaluation among the candidates of each step.
///
/// `candidates`: pixels to evaluate, ascending; may add what it cost.
func greedyBackSelect<Decision: Classifier>(
  from start: PixelSet, on classifier: inout Decision, progress: (Int) throws -> Void,
  candidates: (PixelSet, inout Decision, inout BackSelectCost) throws -> [Int]
) throws -> BackSelectRun {
  var cost = BackSelectCost()
  let initial = try classifier.evaluate([start])[0]
  cost.evaluations += 1

  var visible = start
  var steps: [BackSelectStep] = []
  steps.reserveCapacity(start.count)
  while !visible.isEmpty {
    let pixels = try candidates(visible, &classifier, &cost)
    let evaluations = try classifier.evaluateToggling(eachOf: pixels, visible: visible)
    cost.evaluations += pixels.count
    var best = 0
    for i in evaluations.indices where evaluations[i].score > evaluations[best].score { best = i }
    let tied = evaluations.reduce(0) { $0 + ($1.score == evaluations[best].score ? 1 : 0) }
    cost.tiedSteps += tied > 1 ? 1 : 0
    visible.remove(pixels[best])
    steps.append(BackSelectStep(pixel: pixels[best], after: evaluations[best]))
    try progress(steps.count)
  }
  return BackSelectRun(start: start, initial: initial, steps: steps, cost: cost)
}

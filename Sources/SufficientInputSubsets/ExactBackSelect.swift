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
    (visible.pixels, 1)
  }
}

/// Masks, until nothing is visible, the best by evaluation among the candidates of each step.
///
/// `candidates`: pixels to evaluate, ascending, and how many of them to mask; may add what it cost.
func greedyBackSelect<Decision: Classifier>(
  from start: PixelSet, on classifier: inout Decision, progress: (Int) throws -> Void,
  candidates: (PixelSet, inout Decision, inout BackSelectCost) throws -> ([Int], Int)
) throws -> BackSelectRun {
  var cost = BackSelectCost()
  let initial = try classifier.evaluate([start])[0]
  cost.evaluations += 1

  var visible = start
  var steps: [BackSelectStep] = []
  steps.reserveCapacity(start.count)
  while !visible.isEmpty {
    let (pixels, block) = try candidates(visible, &classifier, &cost)
    let evaluations = try classifier.evaluateToggling(eachOf: pixels, visible: visible)
    cost.evaluations += pixels.count
    let ranked = evaluations.indices.sorted { left, right in
      let (a, b) = (evaluations[left].score, evaluations[right].score)
      return a != b ? a > b : left < right
    }
    let masked = ranked.prefix(block)
    cost.steps += 1
    cost.tiedSteps += isTied(ranked, evaluations, after: masked.count) ? 1 : 0
    for i in masked {
      visible.remove(pixels[i])
      let isKnown = masked.count == 1
      steps.append(BackSelectStep(pixel: pixels[i], after: isKnown ? evaluations[i] : nil))
    }
    try progress(steps.count)
  }
  var run = BackSelectRun(start: start, initial: initial, steps: steps, cost: cost)
  try run.evaluateUnknown(on: &classifier)
  return run
}

/// Whether position decided and not the model: the last pixel chosen scores as much as the first
/// one left out.
private func isTied(_ ranked: [Int], _ evaluations: [Evaluation], after count: Int) -> Bool {
  count < ranked.count
    && evaluations[ranked[count - 1]].score == evaluations[ranked[count]].score
}

extension BackSelectRun {
  /// Evaluates the curve where steps masked several pixels at once.
  mutating func evaluateUnknown(on classifier: inout some Classifier) throws {
    // A few sets at a time, because each is as large as the image.
    let most = 64
    var visible = start
    var pending: [(step: Int, visible: PixelSet)] = []
    for index in steps.indices {
      visible.remove(steps[index].pixel)
      if steps[index].after == nil { pending.append((index, visible)) }
      guard pending.count == most || index == steps.count - 1, !pending.isEmpty else { continue }
      let evaluations = try classifier.evaluate(pending.map(\.visible))
      cost.evaluations += pending.count
      for (entry, evaluation) in zip(pending, evaluations) {
        steps[entry.step].after = evaluation
      }
      pending = []
    }
  }
}

// What searches evaluate of the curve beside their steps.
extension BackSelectRun {
  /// A run without steps.
  init(from start: PixelSet, on classifier: inout some Classifier) throws {
    let initial = try classifier.evaluate([start])[0]
    self.init(start: start, initial: initial, steps: [], cost: BackSelectCost())
    cost.evaluations = 1
  }

  /// Evaluates points of the curve.
  ///
  /// `masked`: numbers of masked pixels, ascending, from 1.
  mutating func evaluate(masked: [Int], on classifier: inout some Classifier) throws {
    var visible = start
    var removed = 0
    let sets = masked.map { count in
      for step in steps[removed..<count] { visible.remove(step.pixel) }
      removed = count
      return visible
    }
    let evaluations = try classifier.evaluate(sets)
    cost.evaluations += sets.count
    for (count, evaluation) in zip(masked, evaluations) { steps[count - 1].after = evaluation }
  }

  /// Evaluates, one pixel at a time, the block in which the curve first meets `criterion` when pixels
  /// return, last masked first.
  mutating func refineCrossing(
    of criterion: SufficiencyCriterion, on classifier: inout some Classifier
  ) throws {
    guard let crossing = crossing(of: criterion), crossing.enough - crossing.tooFew > 1 else {
      return
    }
    let sizes = crossing.tooFew + 1..<crossing.enough
    try evaluate(masked: sizes.reversed().map { steps.count - $0 }, on: &classifier)
  }

  /// Halves the block in which the curve first meets a criterion, when pixels return, until it is met
  /// with one pixel and not without it.
  ///
  /// `limit`: ends as soon as fewer pixels than these cannot be found to meet it; nil for none.
  mutating func bisectCrossing(
    of criterion: SufficiencyCriterion, below limit: Int?, on classifier: inout some Classifier
  ) throws {
    guard var (tooFew, enough) = crossing(of: criterion) else { return }
    while enough - tooFew > 1, tooFew + 1 < limit ?? .max {
      let middle = (tooFew + enough) / 2
      try evaluate(masked: [steps.count - middle], on: &classifier)
      if steps[steps.count - 1 - middle].after.map(criterion.isMet) ?? false {
        enough = middle
      } else {
        tooFew = middle
      }
    }
  }

  /// The fewest visible pixels that are known to meet a criterion, and the most below that are known
  /// not to; nil when none meets it, or no pixel is needed.
  private func crossing(of criterion: SufficiencyCriterion) -> (tooFew: Int, enough: Int)? {
    let curve = curve
    guard
      let enough = curve.indices.first(where: { curve[$0].map(criterion.isMet) ?? false }),
      let tooFew = curve[..<enough].lastIndex(where: { $0 != nil })
    else { return nil }
    return (tooFew, enough)
  }
}

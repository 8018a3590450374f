/// How BackSelect chooses the next pixel to mask.
public enum BackSelectMethod: Equatable, Sendable {
  /// Evaluates every remaining pixel at every step: *p*(*p*+1)/2 + 1 evaluations.
  case exact
  /// Evaluates a shortlist of the pixels with the highest mask gradient.
  case guided(GuidedSearch)
  /// Masks the pixels with the highest mask gradient, `block` at a time.
  case gradient(block: Int)

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
    case .guided(let search):
      try guidedBackSelect(from: start, search: search, on: &classifier, progress: progress)
    case .gradient(let block):
      try gradientBackSelect(
        from: start, block: block, thresholds: thresholds, on: &classifier, progress: progress)
    }
  }
}

// MARK: - Cost, known in advance

extension BackSelectMethod {
  /// What a search over `units` pixels takes.
  ///
  /// - Parameters:
  ///   - units: Pixels visible at the start.
  ///   - thresholds: How many thresholds *gradient* refines its curve at, each costing up to a block.
  public func plannedCost(units: Int, thresholds: Int) -> BackSelectCost {
    var cost = BackSelectCost()
    cost.evaluations = 1
    forEachStep(units: units) { _, step in
      cost.evaluations += step.evaluations
      cost.gradients += step.gradients
    }
    if case .gradient(let block) = self {
      cost.evaluations += thresholds * (min(block, units) - 1)
    }
    return cost
  }

  /// The share of a search's work that is done once 0, 1, 2, … `units` pixels are masked; a gradient
  /// counts as 3 evaluations.
  public func plannedShares(units: Int) -> [Double] {
    var work = [Double](repeating: 0, count: units + 1)
    var sum = 0.0
    forEachStep(units: units) { masked, step in
      let before = sum
      sum += Double(step.evaluations + 3 * step.gradients)
      for within in 1...step.masked {
        work[masked + within] = before + (sum - before) * Double(within) / Double(step.masked)
      }
    }
    return work.map { $0 / max(sum, 1) }
  }

  private struct PlannedStep {
    var masked = 1
    var evaluations = 0
    var gradients = 0
  }

  /// Walks through the steps, each with the number of pixels masked before it.
  private func forEachStep(units: Int, _ body: (Int, PlannedStep) -> Void) {
    var masked = 0
    while masked < units {
      let visible = units - masked
      var step = PlannedStep()
      switch self {
      case .exact:
        step.evaluations = visible
      case .guided(let search):
        step.masked = min(search.block(visible: visible), visible)
        // Pixels masked together are evaluated one by one at the end.
        step.evaluations =
          min(search.shortlist, visible) + (step.masked > 1 ? step.masked : 0)
        step.gradients = visible > search.shortlist ? 1 : 0
      case .gradient(let block):
        step.masked = min(block, visible)
        step.evaluations = 1
        step.gradients = 1
      }
      body(masked, step)
      masked += step.masked
    }
  }
}

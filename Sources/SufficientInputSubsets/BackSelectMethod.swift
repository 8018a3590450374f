/// How BackSelect chooses the next pixel to mask.
public enum BackSelectMethod: Equatable, Sendable {
  /// Evaluates every remaining pixel at every step: *p*(*p*+1)/2 + 1 evaluations.
  case exact
  /// Masks shares of the visible pixels, and shows some again that turn out to be needed.
  case floating(FloatingSearch)
  /// Masks the pixels with the highest mask gradient, `block` at a time.
  case gradient(block: Int)

  /// The paper's block for ImageNet.
  public static let defaultBlock = 100

  /// Finds the order in which the pixels of `start` can be masked, least needed first.
  ///
  /// - Parameters:
  ///   - start: Pixels visible before the first step.
  ///   - classifier: The decision to explain.
  ///   - thresholds: Where *floating* and *gradient* refine their curves to single pixels; *exact* knows
  ///     its whole curve.
  ///   - progress: Called with the number of pixels masked so far, in all searches, after every step;
  ///     what it throws ends the search.
  /// - Returns: One step per pixel of `start`.
  /// - Throws: Only what `classifier` or `progress` throws.
  public func run(
    from start: PixelSet, on classifier: inout some Classifier, thresholds: [Double] = [],
    progress: (Int) throws -> Void = { _ in }
  ) throws -> BackSelectRun {
    var search = search(from: start, thresholds: thresholds)
    return try search.finish(on: &classifier, progress: progress)
  }

  /// The search that `run` does, before its first piece of work.
  public func search(from start: PixelSet, thresholds: [Double]) -> BackSelectSearch {
    switch self {
    case .exact: .exact(ExactBackSelect(from: start))
    case .floating(let search):
      .floating(FloatingBackSelect(from: start, search: search, thresholds: thresholds))
    case .gradient(let block):
      .gradient(GradientBackSelect(from: start, block: block, thresholds: thresholds))
    }
  }

  /// Whether it asks for mask gradients.
  public var needsGradient: Bool { self != .exact }
}

/// A search by any of the methods.
public enum BackSelectSearch: BackSelectProcedure {
  case exact(ExactBackSelect)
  case floating(FloatingBackSelect)
  case gradient(GradientBackSelect)

  /// The number of pixels masked so far, in all searches.
  public var maskedCount: Int {
    switch self {
    case .exact(let search): search.maskedCount
    case .floating(let search): search.maskedCount
    case .gradient(let search): search.maskedCount
    }
  }

  /// What was found; nil while there is work left.
  public var result: BackSelectRun? {
    switch self {
    case .exact(let search): search.result
    case .floating(let search): search.result
    case .gradient(let search): search.result
    }
  }

  /// Does the next piece of work; the search is as it was when that throws.
  public mutating func step(on classifier: inout some Classifier) throws {
    switch self {
    case .exact(var search):
      try search.step(on: &classifier)
      self = .exact(search)
    case .floating(var search):
      try search.step(on: &classifier)
      self = .floating(search)
    case .gradient(var search):
      try search.step(on: &classifier)
      self = .gradient(search)
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
  /// - Returns: Exact counts; for *gradient* the most its refinements can take, for *floating* what is typical.
  public func plannedCost(units: Int, thresholds: Int) -> BackSelectCost {
    plan(units: units, thresholds: thresholds).reduce(into: BackSelectCost()) { cost, step in
      cost.evaluations += step.evaluations
      cost.gradients += step.gradients
    }
  }

  /// The share of the work that is done once 0, 1, 2, … pixels are masked, in all searches together.
  ///
  /// A gradient counts as 3 evaluations. What follows the last masking is left to 1.
  public func plannedShares(units: Int, thresholds: Int) -> [Double] {
    let steps = plan(units: units, thresholds: thresholds)
    var work = [0.0]
    var sum = 0.0
    for step in steps {
      let own = Double(step.evaluations + 3 * step.gradients)
      for within in 0..<step.masked {
        work.append(sum + own * Double(within + 1) / Double(step.masked))
      }
      sum += own
    }
    return work.map { $0 / max(sum, 1) }
  }

  /// One step, or evaluations beside the steps.
  fileprivate struct PlannedStep {
    var masked = 0
    var evaluations = 0
    var gradients = 0
  }

  private func plan(units: Int, thresholds: Int) -> [PlannedStep] {
    let initial = PlannedStep(evaluations: 1)
    switch self {
    case .exact:
      let steps = (0..<units).map { PlannedStep(masked: 1, evaluations: units - $0) }
      return [initial] + steps
    case .floating(let search):
      return search.plan(units: units, criteria: thresholds + 1)
    case .gradient(let block):
      let steps = stride(from: 0, to: units, by: block).map {
        PlannedStep(masked: min(block, units - $0), evaluations: 1, gradients: 1)
      }
      let refinement = PlannedStep(evaluations: (thresholds + 1) * (min(block, units) - 1))
      return [initial] + steps + [refinement]
    }
  }
}

extension FloatingSearch {
  fileprivate typealias Step = BackSelectMethod.PlannedStep

  /// Pixels that are typically visible when confidence falls, and when the decision is lost: more of a
  /// large image, but a smaller share.
  ///
  /// Where they are, only the search finds out.
  private static func typicalFineCount(units: Int) -> Double {
    max(0.07 * Double(units), min(170, 0.3 * Double(units)))
  }
  private static func typicalRestCount(units: Int) -> Double {
    max(0.0012 * Double(units), min(12, 0.1 * Double(units)))
  }
  /// How many times as many are visible when a search that masks its groups whole loses the decision.
  private var typicalExcess: Double { groups == 1 ? 2 : 1 }
  /// Evaluations that find the pixel at which a criterion is met; fewer, where a smaller set was met on the
  /// way.
  private static let typicalHalvings = 4

  fileprivate func plan(units: Int, criteria: Int) -> [Step] {
    let kept = Int((firstShare * Double(units)).rounded(.up))
    var steps = [Step(masked: units - kept, evaluations: 1, gradients: 1)]
    var visible = kept
    var fineSteps = 0
    while visible > 0 {
      var gradients = 1
      let (share, evaluations): (Double, Int)
      if Double(visible) > FloatingSearch.typicalFineCount(units: units) {
        (share, evaluations) = (coarseShare, coarseExchanges.count)
      } else if Double(visible) > typicalExcess * FloatingSearch.typicalRestCount(units: units) {
        (share, evaluations) = (fineShare, shortlist + returning + 2)
        fineSteps += 1
        gradients = fineSteps.isMultiple(of: finePerGradient) ? 1 : 0
      } else {
        (share, evaluations) = (restShare, 0)
      }
      let masked = min(visible, max(1, Int((share * Double(visible)).rounded())))
      // A gradient goes back through a pass of its own.
      steps.append(
        Step(masked: masked, evaluations: gradients + evaluations, gradients: gradients))
      visible -= masked
    }
    let curve = steps.count + criteria * FloatingSearch.typicalHalvings
    return steps + [Step(evaluations: curve)]
  }
}

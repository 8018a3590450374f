/// Masks, until nothing is visible, the best by evaluation among the candidates of each step.
///
/// Ties go to the lowest index.
struct GreedySearch: Codable, Equatable, Sendable {
  private let start: PixelSet
  /// How candidates are chosen; nil for every visible pixel, of which one is masked.
  private let search: GuidedSearch?
  private var visible: PixelSet
  /// Steps so far; nil before the first evaluation.
  private var run: BackSelectRun?
  /// The step whose candidates are being evaluated.
  private var open: OpenStep?

  private struct OpenStep: Codable, Equatable, Sendable {
    let candidates: [Int]
    /// How many of them are masked.
    let block: Int
    /// Of the first candidates.
    var evaluations: [Evaluation] = []
  }

  /// Candidates of one piece of work.
  static let candidatesPerPiece = 1024
  /// Points of the curve of one piece of work; few, because each set is as large as the image.
  static let pointsPerPiece = 64

  init(from start: PixelSet, search: GuidedSearch?) {
    self.start = start
    self.search = search
    visible = start
  }

  var maskedCount: Int { run?.steps.count ?? 0 }

  var result: BackSelectRun? {
    guard let run, visible.isEmpty, run.isWhole else { return nil }
    return run
  }

  mutating func step(on classifier: inout some Classifier) throws {
    guard var run else {
      run = try BackSelectRun(from: start, on: &classifier)
      return
    }
    if visible.isEmpty {
      try run.evaluateUnknown(most: GreedySearch.pointsPerPiece, on: &classifier)
    } else if let open {
      try advance(open, &run, on: &classifier)
    } else {
      open = try begin(&run, on: &classifier)
    }
    self.run = run
  }

  private func begin(
    _ run: inout BackSelectRun, on classifier: inout some Classifier
  ) throws -> OpenStep {
    let pixels = visible.pixels
    guard let search else { return OpenStep(candidates: pixels, block: 1) }
    let block = search.block(visible: pixels.count)
    guard pixels.count > search.shortlist else {
      return OpenStep(candidates: pixels, block: block)
    }
    let gradient = try classifier.maskGradient(visible: visible)
    run.cost.gradients += 1
    let shortlist = highest(search.shortlist, of: pixels, by: gradient)
    return OpenStep(candidates: shortlist.sorted(), block: block)
  }

  /// Evaluates more candidates, and masks the best once all are known.
  private mutating func advance(
    _ step: OpenStep, _ run: inout BackSelectRun, on classifier: inout some Classifier
  ) throws {
    var step = step
    let rest = step.candidates[step.evaluations.count...].prefix(GreedySearch.candidatesPerPiece)
    step.evaluations += try classifier.evaluateToggling(eachOf: Array(rest), visible: visible)
    run.cost.evaluations += rest.count
    guard step.evaluations.count == step.candidates.count else {
      open = step
      return
    }
    let choice = Choice(best: step.block, of: step.evaluations)
    run.cost.steps += 1
    run.cost.tiedSteps += choice.isTied ? 1 : 0
    let isKnown = choice.positions.count == 1
    for position in choice.positions {
      visible.remove(step.candidates[position])
      run.steps.append(
        BackSelectStep(
          pixel: step.candidates[position], after: isKnown ? step.evaluations[position] : nil))
    }
    open = nil
  }
}

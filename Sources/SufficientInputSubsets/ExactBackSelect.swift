/// Masks pixels one at a time, least needed first, by evaluating every remaining pixel.
///
/// Each step masks the pixel whose masking leaves the score highest. Ties go to the lowest index.
///
/// *BackSelect* in Carter et al., "What made you do this?" (2019); "Overinterpretation …", 3.2.
public struct ExactBackSelect: BackSelectProcedure {
  private let start: PixelSet
  private var visible: PixelSet
  /// Steps so far; nil before the first evaluation.
  private var run: BackSelectRun?
  /// Of the first visible pixels, with each of them masked: those of the step at work.
  private var evaluations: [Evaluation] = []

  /// Pixels evaluated by one piece of work.
  private static let pixelsPerPiece = 1024

  /// A search that has not begun.
  ///
  /// `start`: pixels visible before the first step.
  public init(from start: PixelSet) {
    self.start = start
    visible = start
  }

  /// The number of pixels masked so far, in all searches.
  public var maskedCount: Int { run?.steps.count ?? 0 }

  /// What was found; nil while there is work left.
  public var result: BackSelectRun? { visible.isEmpty ? run : nil }

  /// Does the next piece of work; the search is as it was when that throws.
  public mutating func step(on classifier: inout some Classifier) throws {
    guard var run else {
      run = try BackSelectRun(from: start, on: &classifier)
      return
    }
    let pixels = visible.pixels
    let rest = Array(pixels[evaluations.count...].prefix(ExactBackSelect.pixelsPerPiece))
    evaluations += try classifier.evaluateToggling(eachOf: rest, visible: visible)
    run.cost.evaluations += rest.count
    if evaluations.count == pixels.count {
      let choice = Choice(best: 1, of: evaluations)
      let best = choice.positions[0]
      visible.remove(pixels[best])
      run.steps.append(BackSelectStep(pixel: pixels[best], after: evaluations[best]))
      run.cost.steps += 1
      run.cost.tiedSteps += choice.isTied ? 1 : 0
      evaluations = []
    }
    self.run = run
  }
}

/// Runs `ExactBackSelect` to its end.
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
  var search = ExactBackSelect(from: start)
  return try search.finish(on: &classifier, progress: progress)
}

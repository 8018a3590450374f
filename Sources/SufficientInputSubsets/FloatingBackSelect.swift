/// Masks pixels a share at a time, least needed first, and shows some again that turn out to be needed.
///
/// For images of many pixels, where evaluating single ones is too dear and the gradient alone misleads:
///
/// - Pixels are ranked by the mask gradient averaged over the images of all steps so far, the latest
///   weighing most: at one masked image it is mostly noise.
/// - Each step masks a share of the visible pixels and exchanges more of them for masked ones, whose
///   gradient says that showing them would raise the score; how many is decided by evaluation.
/// - Once confidence falls, steps are *fine*: groups of pixels from both ends of the ranking are
///   evaluated first, one by one, and masked or shown in the order of what they are worth.
/// - What evaluation says of a group then takes the place of most of its pixels' average gradient, so that
///   only some fine steps take a gradient anew.
/// - Once the decision is lost, the ranking is followed to the end.
/// - The first step masks much at once. Where confidence does not come back to the highest threshold that
///   the image reaches, it is taken back and half as much is masked.
///
/// The order is that of each pixel's *last* masking. The curve is known where steps end, and where it
/// first meets a criterion to the pixel, found by halving; in between it is taken to rise. Where a set
/// evaluated on the way is smaller than the end of the order that meets a criterion, it is kept:
/// `BackSelectRun.visited`.
///
/// *Sequential floating search* in Pudil, Novovičová and Kittler, "Floating search methods in feature
/// selection" (1994), with groups for features and the gradient for a first choice. Ours;
/// docs/FIDELITY.md measures it.
public struct FloatingBackSelect: BackSelectProcedure {
  private let start: PixelSet
  private let search: FloatingSearch
  private let criteria: [SufficiencyCriterion]
  /// nil before the first piece.
  private var course: FloatingCourse?
  /// The order with what is known of its curve; nil until nothing is visible.
  private var run: BackSelectRun?
  /// Masked pixels after each step, ascending; nil until nothing is visible.
  private var ends: [Int] = []
  /// Criteria at whose crossing the curve has been refined.
  private var refinedCount = 0

  /// Points of the curve of one piece of work; few, because each set is as large as the image.
  private static let pointsPerPiece = 64

  /// A search that has not begun.
  ///
  /// - Parameters:
  ///   - start: Pixels visible before the first step.
  ///   - search: How it goes.
  ///   - thresholds: Confidences at which the curve is refined and the smallest set kept, as for top-1.
  public init(from start: PixelSet, search: FloatingSearch, thresholds: [Double]) {
    self.start = start
    self.search = search
    criteria = SufficiencyCriterion.all(thresholds)
  }

  /// The number of pixels masked so far, in all searches.
  public var maskedCount: Int { course.map { start.count - $0.visible.count } ?? 0 }

  /// What was found; nil while there is work left.
  public var result: BackSelectRun? {
    guard let run, refinedCount == criteria.count, run.firstUnknown(of: ends) == nil else {
      return nil
    }
    return run
  }

  /// Does the next piece of work; the search is as it was when that throws.
  public mutating func step(on classifier: inout some Classifier) throws {
    if let run {
      try refine(run, on: &classifier)
      return
    }
    guard var course else {
      course = try FloatingCourse(from: start, search, criteria: criteria, on: &classifier)
      return
    }
    if !course.visible.isEmpty { try course.advance(search, on: &classifier) }
    self.course = course
    if course.visible.isEmpty { (run, ends) = (course.run, course.ends) }
  }

  private mutating func refine(_ run: BackSelectRun, on classifier: inout some Classifier) throws {
    var run = run
    if let first = run.firstUnknown(of: ends) {
      let points = ends[first...].prefix(FloatingBackSelect.pointsPerPiece)
      try run.evaluate(masked: Array(points), on: &classifier)
    } else {
      let criterion = criteria[refinedCount]
      let known = search.keepsSmallest ? course?.smallest.size(for: criterion) : nil
      try run.bisectCrossing(of: criterion, below: known, on: &classifier)
      refinedCount += 1
      if refinedCount == criteria.count, search.keepsSmallest {
        run.visited = course?.smallest.smaller(than: run) ?? []
      }
    }
    self.run = run
  }
}

extension BackSelectRun {
  /// The first of `ends` at which the curve is not known.
  fileprivate func firstUnknown(of ends: [Int]) -> Int? {
    ends.firstIndex { steps[$0 - 1].after == nil }
  }
}

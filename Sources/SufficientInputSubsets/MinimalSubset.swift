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
  var search = MinimalSubsetSearch(
    of: subset, threshold: threshold, pixelCount: classifier.pixelCount)
  while true {
    if let result = search.result {
      cost += search.cost
      return result
    }
    try search.step(on: &classifier)
  }
}

/// The rounds of `minimalSubset`, between which it can be encoded.
public struct MinimalSubsetSearch: Codable, Equatable, Sendable {
  private let subset: [Int]
  private let threshold: Double
  private var visible: PixelSet
  private var isFinished = false
  /// What the rounds so far took.
  public private(set) var cost = BackSelectCost()

  /// A search that has not begun.
  ///
  /// - Parameters:
  ///   - subset: Pixels that reach `threshold`.
  ///   - threshold: The confidence τ to keep; equality counts.
  ///   - pixelCount: The number of pixels of the image.
  public init(of subset: [Int], threshold: Double, pixelCount: Int) {
    self.subset = subset
    self.threshold = threshold
    visible = PixelSet(subset, of: pixelCount)
  }

  /// What is left, in the order of the subset; nil while pixels may still be dropped.
  public var result: [Int]? {
    isFinished || visible.isEmpty ? subset.filter(visible.contains) : nil
  }

  /// Drops a pixel, or finds that none can be; the search is as it was when that throws.
  ///
  /// - Throws: Only what `classifier` throws.
  public mutating func step(on classifier: inout some Classifier) throws {
    let pixels = visible.pixels
    let evaluations = try classifier.evaluateToggling(eachOf: pixels, visible: visible)
    cost.evaluations += pixels.count
    let reaching = evaluations.indices.filter { evaluations[$0].confidence >= threshold }
    let choice = Choice(best: 1, of: reaching.map { evaluations[$0] })
    if let best = choice.positions.first {
      visible.remove(pixels[reaching[best]])
    } else {
      isFinished = true
    }
  }
}

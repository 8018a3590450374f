/// One member of a collection: the subset and the BackSelect that found it.
public struct SufficientInputSubset: Equatable, Sendable {
  /// The pixels, last masked first.
  public let pixels: [Int]
  /// The BackSelect over what earlier members left.
  public let run: BackSelectRun

  /// Creates a subset.
  public init(pixels: [Int], run: BackSelectRun) {
    self.pixels = pixels
    self.run = run
  }
}

/// Finds disjoint sufficient input subsets: finds one, masks it for good, and repeats on the rest
/// until the rest stays below the threshold.
///
/// A subset that is empty (the fully masked image already reaches the threshold) ends the collection:
/// masking it changes nothing.
///
/// *SIScollection* in Carter et al. (2019); "Overinterpretation …", section S5.
///
/// - Parameters:
///   - start: Pixels that may be used.
///   - threshold: The confidence τ that each subset reaches.
///   - method: How each subset is found.
///   - classifier: The decision to explain.
///   - firstRun: The BackSelect from `start` when it has been made already.
///   - limit: The most subsets to find.
/// - Returns: Disjoint subsets, first found first; none when `start` stays below the threshold.
/// - Throws: Only what `classifier` throws.
/// - Complexity: One BackSelect per subset.
public func sisCollection(
  from start: PixelSet, threshold: Double, method: BackSelectMethod,
  on classifier: inout some Classifier, firstRun: BackSelectRun? = nil, limit: Int = .max
) throws -> [SufficientInputSubset] {
  var rest = start
  var collection: [SufficientInputSubset] = []
  while collection.count < limit {
    let run: BackSelectRun
    if collection.isEmpty, let firstRun {
      run = firstRun
    } else {
      guard try classifier.evaluate([rest])[0].confidence >= threshold else { break }
      run = try method.run(from: rest, on: &classifier, thresholds: [threshold])
    }
    guard let pixels = run.sufficientInputSubset(threshold: threshold) else { break }
    collection.append(SufficientInputSubset(pixels: pixels, run: run))
    guard !pixels.isEmpty else { break }
    rest = rest.subtracting(PixelSet(pixels, of: rest.flags.count))
  }
  return collection
}

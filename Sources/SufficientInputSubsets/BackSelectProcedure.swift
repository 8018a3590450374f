/// A BackSelect in pieces: between two of them it can be encoded, and what was decoded goes on to
/// the same end.
public protocol BackSelectProcedure: Codable, Equatable, Sendable {
  /// The number of pixels masked so far, in all searches.
  var maskedCount: Int { get }
  /// What was found; nil while there is work left.
  var result: BackSelectRun? { get }

  /// Does the next piece of work; the procedure is as it was when that throws.
  ///
  /// A piece depends on what was done before alone, not on when the procedure was stored.
  ///
  /// - Throws: Only what `classifier` throws.
  mutating func step(on classifier: inout some Classifier) throws
}

extension BackSelectProcedure {
  /// Does all work that is left.
  ///
  /// - Parameters:
  ///   - classifier: The decision to explain, the same for all pieces.
  ///   - progress: Called with the number of pixels masked so far, after every masking; what it
  ///     throws ends the search.
  /// - Returns: What was found.
  /// - Throws: Only what `classifier` or `progress` throws.
  public mutating func finish(
    on classifier: inout some Classifier, progress: (Int) throws -> Void = { _ in }
  ) throws -> BackSelectRun {
    while true {
      if let result { return result }
      let before = maskedCount
      try step(on: &classifier)
      if maskedCount > before { try progress(maskedCount) }
    }
  }
}

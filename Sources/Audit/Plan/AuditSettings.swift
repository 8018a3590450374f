import SufficientInputSubsets

/// The method of an audit: everything that changes its numbers, and nothing that does not.
package struct AuditSettings: Codable, Equatable, Sendable {
  /// How the next pixels to mask are chosen.
  ///
  /// `guided` is floating BackSelect with single pixels; `floating` and `quick` are it with groups, `quick`
  /// with fewer.
  package enum Method: String, Codable, Sendable, CaseIterable {
    case guided, floating, quick, exact, gradient

    /// Whether it evaluates sets that differ from the last one in a single pixel each.
    package var evaluatesSinglePixels: Bool { self == .guided || self == .exact }
  }

  /// What a masked pixel shows.
  package enum Mask: Codable, Equatable, Sendable {
    /// The dataset mean.
    case mean
    /// Raw black.
    case zero
    /// Whichever of the two leaves the model least certain.
    case automatic
    /// Raw values, one or one per channel (0...255 for bytes).
    case explicit([Double])
  }

  package var method = Method.guided
  /// Why the method was chosen; nil when it was stated.
  package var methodReason: String?
  package var score = ScoreKind.logOdds
  /// Block of *gradient*.
  package var block = BackSelectMethod.defaultBlock
  package var mask = Mask.mean
  /// What is masked at once.
  package var unit = MaskUnit.pixel
  /// Whether subsets are searched for pixels that can still be dropped.
  package var findsMinimal = false
  /// Ascending, each between 0 and 1.
  package var thresholds = [0.5, 0.7, 0.9, 0.95, 0.99]
  /// The q of q% subsets.
  package var subsetFraction = 0.05
  /// The most images to audit; nil for all.
  package var limit: Int?
  package var seed: UInt64 = 0
  /// Draws of random subsets per image.
  package var randomDraws = 5
  /// Images per model in the gallery.
  package var maxExamples = 6

  package init() {}

  package var backSelect: BackSelectMethod {
    switch method {
    case .guided: .floating(.fine)
    case .floating: .floating(.coarse)
    case .quick: .floating(.quick)
    case .exact: .exact
    case .gradient: .gradient(block: block)
    }
  }

  /// How *guided*, *floating* and *quick* search.
  package var search: FloatingSearch? {
    if case .floating(let search) = backSelect { search } else { nil }
  }

  /// Whether a record holds more than an order and its curve: something found at each threshold.
  package var recordsDependOnThresholds: Bool {
    method != .exact || findsMinimal
  }

  /// The method in words, for captions.
  package var methodDescription: String {
    let base =
      switch backSelect {
      case .floating(let search):
        "\(method.rawValue) BackSelect (\(search.shortlist) + \(search.returning) "
          + "\(method == .guided ? "pixels" : "groups"), steps of "
          + "\(percent(search.coarseShare, decimals: 0)) and \(percent(search.fineShare, decimals: 0)))"
      case .exact: "exact BackSelect"
      case .gradient: "gradient BackSelect (block \(block))"
      }
    let units = unit == .pixel ? "" : ", unit \(unit)"
    return base + units + ", score \(score.rawValue)"
  }

  /// How the method chooses, in a sentence or two.
  var methodExplanation: String {
    let units =
      switch unit {
      case .pixel: ""
      case .patch: " What is masked at once is a patch of \(unit) pixels, not a pixel."
      case .superpixels: " What is masked at once is a superpixel (SLIC), not a pixel."
      }
    return choice + units + (methodReason.map { " Chosen because \($0)." } ?? "")
  }

  private var choice: String {
    switch backSelect {
    case .exact:
      "Each step evaluates every remaining pixel."
    case .floating(let search):
      "Each step ranks the pixels by the mask gradient, averaged over the steps so far, masks "
        + "a share of the visible ones and shows masked ones again where that leaves the score higher; "
        + "once confidence falls below \(percent(search.fineBelow, decimals: 1)), "
        + "\(search.shortlist) \(method == .guided ? "pixels" : "groups") to mask and "
        + "\(search.returning) to show are evaluated first, and count in the ranking for what they "
        + "turn out to be worth. Pixels are ordered by their last masking; where a set met on the way "
        + "suffices and is smaller than the end of that order, it is the SIS."
    case .gradient:
      "Each step masks the \(block) pixels with the highest mask gradient, without evaluating others."
    }
  }

  /// Pixels of a q% subset: ceil(q·p).
  package func subsetSize(pixels: Int) -> Int {
    // The small allowance keeps 7% of 100 at 7, which is 7.000000000000001 in binary.
    min(pixels, max(1, Int((subsetFraction * Double(pixels) - 1e-9).rounded(.up))))
  }

  /// Checks ranges.
  ///
  /// - Throws: `AuditError`.
  package func validate() throws {
    for threshold in thresholds where !(threshold > 0 && threshold < 1) {
      throw AuditError.unreachableThreshold("\(threshold)")
    }
    guard !thresholds.isEmpty else { throw AuditError.unreachableThreshold("") }
    guard subsetFraction > 0, subsetFraction < 1 else {
      throw AuditError.option(name: "--subset", reason: "\(subsetFraction) is not between 0 and 1")
    }
    guard limit ?? 1 > 0 else {
      throw AuditError.option(name: "--limit", reason: "the limit must be at least 1")
    }
    guard block > 0 else {
      throw AuditError.option(name: "--block", reason: "the block must be at least 1")
    }
  }
}

extension AuditSettings.Mask: CustomStringConvertible {
  package var description: String {
    switch self {
    case .mean: "mean"
    case .zero: "zero"
    case .automatic: "auto"
    case .explicit(let values): values.map { "\($0)" }.joined(separator: ",")
    }
  }

  /// Reads `mean`, `zero`, `auto` or numbers separated by commas.
  package init?(_ text: String) {
    switch text {
    case "mean": self = .mean
    case "zero": self = .zero
    case "auto": self = .automatic
    default:
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Double($0) }
      guard numbers.count == parts.count else { return nil }
      self = .explicit(numbers)
    }
  }
}

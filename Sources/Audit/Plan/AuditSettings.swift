import SufficientInputSubsets

/// The method of an audit: everything that changes its numbers, and nothing that does not.
package struct AuditSettings: Codable, Equatable, Sendable {
  /// How the next pixel to mask is chosen; see `BackSelectMethod`.
  package enum Method: String, Codable, Sendable, CaseIterable {
    case guided, floating, exact, gradient
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
  /// Searches of *guided*.
  package var searches = GuidedSearch.standard
  /// The search of *floating*.
  package var floating = FloatingSearch.standard
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
    case .guided: .guided(searches)
    case .floating: .floating(floating)
    case .exact: .exact
    case .gradient: .gradient(block: block)
    }
  }

  /// Whether a record holds more than an order and its curve: something found at each threshold.
  package var recordsDependOnThresholds: Bool {
    method == .gradient || method == .floating || findsMinimal
  }

  /// The method in words, for captions.
  package var methodDescription: String {
    let base =
      switch method {
      case .guided: "guided BackSelect (\(searchesText))"
      case .floating:
        "floating BackSelect (\(floating.shortlist) + \(floating.returning) groups, steps of "
          + "\(percent(floating.coarseShare, decimals: 0)) and \(percent(floating.fineShare, decimals: 0)))"
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
    switch method {
    case .exact:
      "Each step evaluates every remaining pixel."
    case .guided:
      "Each step evaluates a shortlist, the pixels with the highest mask gradient, and masks the best "
        + "of them"
        + (searches.count > 1
          ? "; of \(searches.count) such searches the one with the highest mean confidence counts."
          : ".")
    case .floating:
      "Each step ranks the pixels by the mask gradient, averaged over the steps so far, masks "
        + "a share of the visible ones and shows masked ones again where that leaves the score higher; "
        + "once confidence falls below \(percent(floating.fineBelow, decimals: 1)), groups of both are "
        + "evaluated first. Pixels are ordered by their last masking."
    case .gradient:
      "Each step masks the \(block) pixels with the highest mask gradient, without evaluating others."
    }
  }

  private var searchesText: String {
    let shortlists = searches.map { String($0.shortlist) }
    let steps = searches.map { percent($0.stepShare, decimals: 0) }
    let several = searches.count > 1
    return (several ? "best of \(searches.count) searches: shortlists " : "shortlist ")
      + listed(shortlists)
      + (searches.contains { $0.stepShare > 0 }
        ? ", step\(several ? "s" : "") of \(listed(steps))" : "")
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

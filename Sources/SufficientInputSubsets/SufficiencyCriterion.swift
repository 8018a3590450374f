/// When a set of visible pixels suffices for a decision.
public enum SufficiencyCriterion: Codable, Equatable, Sendable {
  /// The audited class has at least this confidence: the paper's τ.
  case confidence(Double)
  /// The audited class has the highest output, whatever its confidence.
  case topOne

  /// Those of a search: its thresholds, and top-1.
  static func all(_ thresholds: [Double]) -> [SufficiencyCriterion] {
    thresholds.map { .confidence($0) } + [.topOne]
  }

  /// Whether an evaluated set suffices.
  public func isMet(by evaluation: Evaluation) -> Bool {
    switch self {
    case .confidence(let threshold): evaluation.confidence >= threshold
    case .topOne: evaluation.isTop
    }
  }
}

/// The limits that an audit is held to.
package struct Policy: Equatable, Sendable {
  /// How much a check that does not pass matters.
  package enum Severity: String, Codable, Sendable, CaseIterable {
    case fail, warn, info
  }

  /// One side of what is allowed.
  package struct Bound: Equatable, Sendable {
    /// Which side a limit is on, as policies spell it.
    package enum Kind: String, Sendable {
      case min, max
      /// At most so far below, or above, the baseline.
      case maxDrop = "max_drop"
      case maxRise = "max_rise"
    }

    package let kind: Kind
    package let amount: Double
    /// Whether `amount` is a multiple of the baseline's value.
    package let isRelative: Bool

    package var needsBaseline: Bool { isRelative || kind == .maxDrop || kind == .maxRise }
  }

  /// One entry of a policy: a number, its limits, and how much they matter.
  package struct Check: Equatable, Sendable {
    package let metric: String
    /// Shell pattern for names of models.
    package let models: String
    /// Nil for all the audit has.
    package let threshold: Double?
    package let bounds: [Bound]
    package let severity: Severity
    /// Why it matters, for the reader of the report.
    package let why: String
    /// Line in the file, from 1.
    package let line: Int
  }

  /// File name, or what to call it.
  package let name: String
  /// The YAML it was read from.
  package let text: String
  package let checks: [Check]
}

extension Policy.Bound {
  /// The limit in words, for a value of `metric`.
  func text(_ metric: String) -> String {
    let isChange = kind == .maxDrop || kind == .maxRise
    let amount =
      isRelative
      ? percent(amount, decimals: 1) + " of the baseline"
      : isChange ? Metric.changeText(amount, of: metric) : Metric.text(amount, of: metric)
    return switch kind {
    case .min: "≥ \(amount)"
    case .max: "≤ \(amount)"
    case .maxDrop: "drops by at most \(amount)"
    case .maxRise: "rises by at most \(amount)"
    }
  }
}

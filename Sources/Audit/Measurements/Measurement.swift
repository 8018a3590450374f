import Reports

/// One thing an audit measures: a Codable value from the stored records, and how to show it.
///
/// One file per measurement in this folder, one line in `MeasurementRegistry`.
package protocol Measurement: SendableMetatype {
  associatedtype Value: Encodable & Sendable

  /// Its name in `audit.json`, and the section that links lead to.
  static var key: String { get }
  static var title: String { get }

  static func measure(_ results: AuditResults) -> Outcome<Value>

  /// What its value holds, as `audit.json` has it: numbers with their units and intervals, and what they
  /// are called elsewhere.
  static var fields: [MeasuredField] { get }

  /// What two audits must agree in for its numbers to be compared.
  static var comparability: Comparability { get }

  /// Finding, figure and table.
  static func blocks(_ value: Value, _ results: AuditResults) -> [Block]

  /// What is about one model alone; with many models it goes to that model's page.
  static func modelBlocks(_ value: Value, _ results: AuditResults, model: Int) -> [Block]
}

extension Measurement {
  package static var comparability: Comparability { .sameSearch }

  package static func modelBlocks(
    _ value: Value, _ results: AuditResults, model: Int
  ) -> [Block] {
    []
  }
}

/// What two audits must agree in for a number of both to be compared, beside the number's name.
package enum Comparability: Sendable {
  /// Nothing: it depends on models and data alone.
  case always
  /// What masked pixels show.
  case sameMask
  /// That, and how large q% subsets are.
  case sameSubsets
  /// That, and how the search for subsets was made.
  case sameSearch
}

/// A value, or why there is none.
///
/// What did not run is never taken for passed.
package enum Outcome<Value: Sendable>: Sendable {
  case measured(Value)
  case notRun(String)

  package var value: Value? {
    if case .measured(let value) = self { value } else { nil }
  }
}

/// One value per model and threshold.
package struct ThresholdCurves<ThresholdValue: Codable & Equatable & Sendable>: Codable, Equatable,
  Sendable
{
  /// One model's values, ascending by τ.
  package struct ModelCurve: Codable, Equatable, Sendable {
    package let model: String
    package let thresholds: [ThresholdValue]
  }

  package let models: [ModelCurve]
}

/// A measurement made, with its type forgotten.
package struct MeasuredSection: Sendable {
  package let key: String
  package let title: String
  package let value: (any Encodable & Sendable)?
  package let blocks: [Block]
  /// `[model]`.
  package let modelBlocks: [[Block]]
  /// Why there is no value.
  package let reasonNotRun: String?

  init<M: Measurement>(_ measurement: M.Type, _ results: AuditResults) {
    key = M.key
    title = M.title
    switch results.outcome(of: M.self) {
    case .measured(let value):
      self.value = value
      blocks = M.blocks(value, results)
      modelBlocks = results.models.indices.map {
        M.modelBlocks(value, results, model: $0)
      }
      reasonNotRun = nil
    case .notRun(let reason):
      value = nil
      blocks = []
      modelBlocks = []
      reasonNotRun = reason
    }
  }

  /// Every measurement made, in the order of the report.
  package static func all(_ results: AuditResults) -> [MeasuredSection] {
    func make<M: Measurement>(_ type: M.Type) -> MeasuredSection {
      MeasuredSection(type, results)
    }
    return results.withIntervalLevel { MeasurementRegistry.all.map { make($0) } }
  }
}

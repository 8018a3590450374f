import Datasets

/// Something that two runs read differently: a reason for other numbers that is not the model.
package struct DifferingReading: Codable, Equatable, Sendable {
  /// The model; nil for the data.
  @OrNull package var model: String?
  package let question: String
  package let current: String
  package let baseline: String

  /// What differs between two runs, of the data first, then of each pair of models.
  static func all(
    _ current: AuditPlan, _ baseline: AuditPlan, models pairs: [(current: Int, baseline: Int)]
  ) -> [DifferingReading] {
    differing(nil, current.data.readings, baseline.data.readings)
      + pairs.flatMap { pair in
        let now = current.models[pair.current]
        return differing(now.name, now.readings, baseline.models[pair.baseline].readings)
      }
  }

  /// What two lists of readings answer differently, by question.
  package static func differing(
    _ model: String?, _ current: [Reading]?, _ baseline: [Reading]?
  ) -> [DifferingReading] {
    // Runs of versions that did not say how they read cannot be compared in it.
    guard let current, let baseline else { return [] }
    func answers(_ readings: [Reading]) -> [Reading.Question: String] {
      Dictionary(grouping: readings, by: \.question).mapValues {
        $0.map(\.answer).joined(separator: "; ")
      }
    }
    let (now, then) = (answers(current), answers(baseline))
    return Set(now.keys).union(then.keys).sorted { $0.rawValue < $1.rawValue }
      .filter { now[$0] != then[$0] }
      .map { question in
        DifferingReading(
          model: model, question: question.rawValue, current: now[question] ?? "not asked",
          baseline: then[question] ?? "not asked")
      }
  }
}

import Figures
import Reports
import Statistics

/// Top-1 accuracy on full images, and top-5 with more than ten classes (Table 1).
///
/// Over all images of the dataset; the audited sample is stated beside it.
package enum Accuracy: Measurement {
  package static let key = "accuracy"
  package static let title = "How often is it right?"
  package static let comparability = Comparability.always
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "accuracy", .interval(.fraction, .bare, always: true), per: .model,
      "top-1 accuracy on all full images", metric: .measurement,
      plain: PlainName(
        "Accuracy",
        "High: right on most whole images; it does not say why."), isMain: true, trend: 1,
      pairing: .accuracy),
    MeasuredField(
      "top_five", .interval(.fraction), per: .model,
      "top-5 accuracy on all full images, with more than ten classes", metric: .field,
      plain: PlainName(
        "Accuracy within five guesses",
        "High: the class is nearly always among the five most likely."),
      isNullable: true),
    MeasuredField("n", .exact(.count), per: .model, "images of the dataset"),
    MeasuredField("correct", .exact(.count), per: .model, "of them right"),
    MeasuredField("audited_n", .exact(.count), per: .model, "images audited"),
    MeasuredField("audited_correct", .exact(.count), per: .model, "of them right"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    package let n: Int
    package let correct: Int
    package let accuracy: Double
    package let low: Double
    package let high: Double
    @OrNull package var topFive: Double?
    @OrNull package var topFiveLow: Double?
    @OrNull package var topFiveHigh: Double?
    package let auditedImages: Int
    package let auditedCorrect: Int

    package enum CodingKeys: String, CodingKey {
      case model, n, correct, accuracy, low, high
      case topFive = "top_five"
      case topFiveLow = "top_five_low"
      case topFiveHigh = "top_five_high"
      case auditedImages = "audited_n"
      case auditedCorrect = "audited_correct"
    }
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    let n = results.plan.data.images
    return .measured(
      Value(
        models: zip(results.models, results.records).map { model, records in
          let bounds = wilsonInterval(successes: model.correct, of: n) ?? (0, 1)
          let topFive = model.correctInTopFive.flatMap { wilsonInterval(successes: $0, of: n) }
          return ModelValue(
            model: model.name, n: n, correct: model.correct,
            accuracy: Double(model.correct) / Double(n), low: bounds.low, high: bounds.high,
            topFive: model.correctInTopFive.map { Double($0) / Double(n) },
            topFiveLow: topFive?.low, topFiveHigh: topFive?.high,
            auditedImages: records.count, auditedCorrect: records.count(where: \.isCorrect))
        }))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let best = value.models.map(\.accuracy).max() ?? 0
    let worst = value.models.map(\.accuracy).min() ?? 0
    let range =
      best == worst ? percent(best) : "\(percent(worst)) to \(percent(best))"
    var columns = [
      Table.Column("Model"), Table.Column("Accuracy", numeric: true),
      Table.Column("\(levelText) interval", numeric: true), Table.Column("Images", numeric: true),
      Table.Column("Audited: right", numeric: true), Table.Column("Audited: wrong", numeric: true),
    ]
    let hasTopFive = value.models.contains { $0.topFive != nil }
    if hasTopFive { columns.insert(Table.Column("Top-5", numeric: true), at: 2) }
    return [
      .finding(Finding(.neutral, "On whole images the models are right on \(range).")),
      .table(
        Table(
          name: key,
          caption: "On all \(results.plan.data.images) images, with Wilson’s interval.",
          columns: columns,
          rows: value.models.map { model in
            var cells = [
              Table.Cell(model.model), Table.Cell(percent(model.accuracy)),
              Table.Cell("\(percent(model.low))–\(percent(model.high))"),
              Table.Cell(String(model.n)), Table.Cell(String(model.auditedCorrect)),
              Table.Cell(String(model.auditedImages - model.auditedCorrect)),
            ]
            if hasTopFive {
              cells.insert(Table.Cell(model.topFive.map { percent($0) } ?? "–"), at: 2)
            }
            return cells
          })),
    ]
  }
}

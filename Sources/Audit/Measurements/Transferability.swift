import Figures
import Reports
import Statistics

/// Whether a subset that suffices for one model suffices for another: accuracy of model *j* on the q%
/// subsets of model *i*, and the share on which *j* still reaches τ for *i*'s class (4.1).
package enum Transferability: Measurement {
  package static let key = "transferability"
  package static let title = "Do other models read the same pixels?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "others", .estimate(.fraction), per: .model, "accuracy of the other models on its q% subsets",
      metric: .field,
      plain: PlainName(
        "Other models’ accuracy on its pixels",
        "High: other models read the same signal there. Low: the pixels mean something to this model alone."
      ), isMain: true),
    MeasuredField("threshold", .exact(.plain), per: .audit, "the τ of ‘reaching’"),
    MeasuredField("names", .list(.text), per: .audit, "the models, as rows and columns have them"),
    MeasuredField(
      "accuracy", .list(.list(.estimate(.fraction))), per: .audit,
      "accuracy on the subsets of one model (row) shown to another (column)"),
    MeasuredField(
      "reaching", .list(.list(.estimate(.fraction))), per: .audit,
      "share of the row’s subsets on which the column’s model reaches τ"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    /// The τ of `reaching`.
    package let threshold: Double
    package let names: [String]
    package let models: [ModelValue]
    /// `[source][target]`.
    package let accuracy: [[MeanEstimate]]
    package let reaching: [[MeanEstimate]]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    /// Accuracy of the other models on its subsets, each image's mean over them.
    package let others: MeanEstimate
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    guard results.models.count > 1 else { return .notRun("it takes two models or more") }
    guard let evaluations = results.evaluations else { return .notRun(AuditResults.notCompared) }
    let threshold = results.thresholds.last { $0 <= 0.9 } ?? results.thresholds[0]
    func matrix<Entry>(_ entry: (Int, Int) -> Entry) -> [[Entry]] {
      results.models.indices.map { source in results.models.indices.map { entry(source, $0) } }
    }
    func estimate(
      _ source: Int, _ target: Int, _ value: (SubsetEvaluations.Answer, ImageSummary) -> Bool
    ) -> MeanEstimate? {
      MeanEstimate(
        shares: results.records[source].indices.map { position in
          let answer = evaluations.transferred[source][target][position]
          return (
            value(answer, results.records[source][position]) ? 1 : 0, results.unit(position)
          )
        })
    }
    let accuracy = matrix { estimate($0, $1) { $0.predicted == $1.label } }
    let reaching = matrix { estimate($0, $1) { answer, _ in answer.confidence >= threshold } }
    return .measured(
      Value(
        threshold: threshold, names: results.models.map(\.name),
        models: results.models.indices.compactMap { others(results, evaluations, $0) },
        accuracy: accuracy.map { $0.compactMap { $0 } },
        reaching: reaching.map { $0.compactMap { $0 } }))
  }

  private static func others(
    _ results: AuditResults, _ evaluations: SubsetEvaluations, _ source: Int
  ) -> ModelValue? {
    mean(results, evaluations, source) { _ in true }.map {
      ModelValue(model: results.models[source].name, others: $0)
    }
  }

  /// Accuracy of the other models on its subsets, without images of its blank image's class.
  static func othersOnNeeded(_ results: AuditResults, _ source: Int) -> MeanEstimate? {
    guard results.models.count > 1, let evaluations = results.evaluations else { return nil }
    let blank = results.confidentBlank(source)?.predictedClass
    return mean(results, evaluations, source) { $0.predictedClass != blank }
  }

  private static func mean(
    _ results: AuditResults, _ evaluations: SubsetEvaluations, _ source: Int,
    where counts: (ImageSummary) -> Bool
  ) -> MeanEstimate? {
    let targets = results.models.indices.filter { $0 != source }
    return MeanEstimate(
      shares: results.records[source].enumerated().compactMap { position, record in
        guard counts(record) else { return nil }
        let right = targets.count {
          evaluations.transferred[source][$0][position].predicted == record.label
        }
        return (Double(right) / Double(targets.count), results.unit(position))
      })
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let indices = value.names.indices
    let own = indices.map { value.accuracy[$0][$0].mean }
    let other = indices.flatMap { source in
      indices.filter { $0 != source }.map { value.accuracy[source][$0].mean }
    }
    func range(_ values: [Double]) -> String {
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      let (lowText, highText) = (percent(low, decimals: 0), percent(high, decimals: 0))
      return lowText == highText ? lowText : "\(lowText) to \(highText)"
    }
    let figure = figure(value, results)
    return [
      .finding(
        Finding(
          .neutral,
          "On the \(results.subsetText) of pixels that count most for themselves the models are right on \(range(own)) of "
            + "images; on each other’s on \(range(other)).")),
      .figure(figure), .details(notes: [figure.note]),
    ]
  }

  private static func figure(_ value: Value, _ results: AuditResults) -> Figure {
    let random = results.value(of: RandomSubsetBaseline.self)
    let full = results.value(of: SubsetConfidence.self)
    let count = value.names.count
    let isLarge = count > 5
    func panel(_ title: String, _ rows: [(String, [Double?])]) -> Panel {
      let values = rows.flatMap(\.1).map { $0.map { $0 * 100 } }
      return Panel(
        title: title, x: .categories(label: "shown to", value.names),
        y: .categories(label: "subsets found on", rows.map(\.0).reversed()),
        marks: [
          .cells(
            rows: rows.count, columns: count, values: values, map: .blues, 0...100,
            values.map { $0.map { number($0, decimals: 0) } ?? "" })
        ])
    }
    var accuracyRows: [(String, [Double?])] = value.names.indices.map { source in
      (value.names[source], value.accuracy[source].map(\.mean))
    }
    if let full { accuracyRows.append(("full images", full.models.map(\.fullAccuracy))) }
    if let random { accuracyRows.append(("random", random.models.map(\.mean))) }
    let reachingRows: [(String, [Double?])] = value.names.indices.map { source in
      (value.names[source], value.reaching[source].map(\.mean))
    }
    return Figure(
      name: "transferability",
      caption:
        "Dark off the diagonal: what suffices for one model means something to the other. Rows: whose pixels; "
        + "columns: to whom they are shown.",
      note:
        "Accuracy (%) of each model (column) on the \(results.subsetText) subsets of each "
        + "model (row), beside full images and random subsets; and the percentage of subsets on which "
        + "the column’s model still has confidence ≥ \(thresholdText(value.threshold)) for the class "
        + "that the row’s model predicts. Full images and random subsets: all images. n = \(results.plan.sample.images.count) images; "
        + "intervals (Wilson’s by strata) are in the data file.",
      altText: accuracyRows.map { name, values in
        "Found on \(name): "
          + zip(value.names, values).map { "\($0) \($1.map { percent($0) } ?? "–")" }
          .joined(separator: ", ") + "."
      }.joined(separator: " "),
      height: max(1.9, 0.27 * Double(accuracyRows.count) + 0.7) * (isLarge ? 2.2 : 1),
      columns: isLarge ? 1 : 2,
      panels: [
        panel("Accuracy (%)", accuracyRows),
        panel("Still reaching τ = \(thresholdText(value.threshold)) (%)", reachingRows),
      ],
      data: DataTable(
        columns: ["found_on", "shown_to", "accuracy", "low", "high", "reaching"],
        rows: value.names.indices.flatMap { source in
          value.names.indices.map { target in
            let accuracy = value.accuracy[source][target]
            return [
              value.names[source], value.names[target], field(accuracy.mean),
              field(accuracy.low), field(accuracy.high), field(value.reaching[source][target].mean),
            ]
          }
        }))
  }
}

import Figures
import Reports
import Statistics

/// Accuracy on q% subsets drawn uniformly without replacement, frozen by the seed and shared by all
/// models; mean and standard deviation over draws (Table 1).
///
/// The interval is over images, each with
/// its share of draws on which the model is right, so that images and draws both vary.
///
/// Over the whole dataset up to 2,000 images.
package enum RandomSubsetBaseline: Measurement {
  package static let key = "random_subsets"
  package static let title = "What are random pixels worth?"
  package static let comparability = Comparability.sameSubsets
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "mean", .interval(.fraction, .bare), per: .model,
      "mean accuracy on q% subsets drawn at random", metric: .field,
      plain: PlainName(
        "Accuracy on random pixels",
        "High: any few pixels will do, so that chosen ones prove little. Near chance: only chosen ones carry the decision."
      ), isMain: true),
    MeasuredField(
      "std", .sampled(.fraction), per: .model, "standard deviation over draws", isNullable: true),
    MeasuredField("n", .exact(.count), per: .model, "images"),
    MeasuredField("draws", .exact(.count), per: .audit, "subsets drawn of each image"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    package let draws: Int
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    /// Accuracy over draws.
    package let mean: Double
    /// Over draws; null for a single one.
    @OrNull package var std: Double?
    /// 95% interval of the mean, over images.
    @OrNull package var low: Double?
    @OrNull package var high: Double?
    package let n: Int
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    guard let baseline = results.baseline else { return .notRun(AuditResults.noBaseline) }
    let n = baseline.images
    let models = results.models.indices.compactMap { model -> ModelValue? in
      let draws = baseline.right[model]
      let accuracies = draws.map { Double($0.values.reduce(0) { $0 + Int($1) }) / Double(n) }
      guard n > 0, let overDraws = MeanEstimate(accuracies) else { return nil }
      let overImages = MeanEstimate(
        shares: (0..<n).map { image in
          let right = draws.reduce(0) { $0 + Int($1.values[image]) }
          return (Double(right) / Double(draws.count), .simple(of: n))
        })
      return ModelValue(
        model: results.models[model].name, mean: overDraws.mean, std: overDraws.std,
        low: overImages?.low, high: overImages?.high, n: n)
    }
    guard models.count == results.models.count, n > 0 else {
      return .notRun("no random subsets were drawn")
    }
    return .measured(Value(draws: results.plan.settings.randomDraws, models: models))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let parts = value.models.map { "\($0.model) \(percent($0.mean))" }
    return [
      .finding(
        Finding(
          .neutral,
          "On \(results.subsetText) of the pixels drawn at random accuracy is \(briefly(parts)); chance is "
            + "\(percent(1 / Double(results.plan.classCount)))."
            + blankNote(value, results))),
      .details(
        notes: [],
        [
          .table(
            Table(
              name: key,
              caption:
                "Mean with its \(levelText) interval over images (Wilson’s for as many as vary as much; each "
                + "image counts with its share of draws) and standard deviation over \(value.draws) draws of "
                + "\(results.plan.subsetSize) pixels per image, the same for every model. It needs no "
                + "BackSelect, so it covers more images than were audited.",
              columns: [
                Table.Column("Model"), Table.Column("Accuracy", numeric: true),
                Table.Column("std of draws", numeric: true), Table.Column("Images", numeric: true),
              ],
              rows: value.models.map {
                [
                  Table.Cell($0.model), Table.Cell(interval($0.mean, $0.low, $0.high)),
                  Table.Cell($0.std.map { percent($0) } ?? "–"),
                  Table.Cell(String($0.n)),
                ]
              }))
        ]),
    ]
  }

  /// How far accuracy may be from a share and still be taken for it.
  private static let nearShare = 0.03

  /// A model that answers the blank image's class to nearly everything is right as often as that class
  /// occurs: that is not a weak signal but none.
  private static func blankNote(_ value: Value, _ results: AuditResults) -> String {
    let blanks = results.models.indices.map { results.confidentBlank($0)?.predictedClass }
    guard let blank = blanks.first ?? nil, blanks.allSatisfy({ $0 == blank }),
      let labels = results.predictions?.labels.values, !labels.isEmpty
    else { return "" }
    let share = Double(labels.count { Int($0) == blank }) / Double(labels.count)
    guard value.models.allSatisfy({ abs($0.mean - share) <= nearShare }) else { return "" }
    return
      " That is about the share of “\(results.plan.className(blank))” (\(percent(share))), which a blank image is to "
      + "them: it may be their answer to all random pixels."
  }
}

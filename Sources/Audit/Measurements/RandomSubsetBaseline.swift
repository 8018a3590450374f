import Figures
import Reports

/// Accuracy on q% subsets drawn uniformly without replacement, frozen by the seed and shared by all
/// models; mean and standard deviation over draws (Table 1).
///
/// Over the whole dataset up to 2,000 images.
package enum RandomSubsetBaseline: Measurement {
  package static let key = "random_subsets"
  package static let title = "Random subsets as a baseline"
  package static let headline: String? = "mean"
  package static let metrics = [
    Metric("random_subsets.mean", "mean accuracy on q% subsets drawn at random")
  ]
  package static let details = ["draws", "std", "n"]

  package struct Value: Codable, Equatable, Sendable {
    package let draws: Int
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    /// Accuracy over draws.
    package let mean: Double
    package let std: Double
    package let n: Int
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    let n = results.evaluations.randomImages
    let models = results.models.indices.compactMap { model -> ModelValue? in
      let accuracies = results.evaluations.randomCorrect[model].map { Double($0) / Double(n) }
      return MeanEstimate(accuracies).map { estimate in
        ModelValue(
          model: results.models[model].name, mean: estimate.mean, std: estimate.std ?? 0, n: n)
      }
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
          "On random \(results.subsetText) subsets accuracy is \(briefly(parts)); chance is "
            + "\(percent(1 / Double(results.plan.classCount)))."
            + blankNote(results))),
      .table(
        Table(
          caption: "Mean and standard deviation over \(value.draws) draws of "
            + "\(results.plan.subsetSize) pixels per image, the same for every model. It needs no "
            + "BackSelect, so it covers more images than were audited.",
          columns: [
            Table.Column("Model"), Table.Column("Accuracy", numeric: true),
            Table.Column("std", numeric: true), Table.Column("Images", numeric: true),
          ],
          rows: value.models.map {
            [
              Table.Cell($0.model), Table.Cell(percent($0.mean)), Table.Cell(percent($0.std)),
              Table.Cell(String($0.n)),
            ]
          })),
    ]
  }

  /// A model that answers the blank image's class to nearly everything is right as often as that class
  /// occurs: that is not a weak signal but none.
  private static func blankNote(_ results: AuditResults) -> String {
    let classes = Set(
      results.models.indices.compactMap { results.confidentBlank($0)?.predictedClass })
    guard classes.count == 1, let blank = classes.first else { return "" }
    return
      " The mask alone already is “\(results.plan.className(blank))”: an accuracy near that class’s "
      + "share of the labels means that it is the answer to almost every random subset."
  }
}

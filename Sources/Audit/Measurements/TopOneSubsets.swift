import Reports
import Statistics

/// How few pixels give the predicted class the highest output, whatever its confidence: the criterion
/// *top-1*, which other tools call sufficient.
///
/// Of the same order as the SIS, beside it and never mixed with a threshold τ.
package enum TopOneSubsets: Measurement {
  package static let key = "top1_subsets"
  package static let title = "How few pixels keep the class on top?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "size", .estimate(.fraction), per: .model,
      "mean size of the smallest subset on which the class has the highest output",
      metric: .named("mean"),
      plain: PlainName(
        "Pixels that keep the class on top, mean",
        "High: the class needs much of the image. Low: a few pixels keep it ahead of all others."),
      isMain: true, isNullable: true,
      pairing: .auditedImages { image in image.record.topOneSize.map(image.results.fraction) }),
    MeasuredField(
      "confidence", .estimate(.fraction), per: .model, "mean confidence on those subsets",
      isNullable: true),
    MeasuredField("n", .exact(.count), per: .model, "audited images"),
    MeasuredField(
      "degenerate", .exact(.count), per: .model, "images whose class the blank image already has"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    package let models: [ModelValue]
  }

  /// Sizes are fractions of the image.
  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    package let n: Int
    package let degenerate: Int
    @OrNull package var size: MeanEstimate?
    @OrNull package var confidence: MeanEstimate?
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    .measured(
      Value(
        models: results.models.indices.map { model in
          let sizes = results.records[model].compactMap(\.topOneSize)
          return ModelValue(
            model: results.models[model].name, n: sizes.count, degenerate: sizes.count { $0 == 0 },
            size: results.mean(model) { $0.topOneSize.map(results.fraction) },
            confidence: results.mean(model) { $0.topOneConfidence })
        }))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let parts = value.models.compactMap { model in
      model.size.map { "\(model.model) \(percent($0.mean)) of the image (n = \(model.n))" }
    }
    return [
      .finding(
        Finding(
          .neutral,
          "The share of the image that keeps the class ahead of all others, however unsure, in the mean: "
            + briefly(parts) + ".")),
      .table(
        Table(
          name: key,
          caption:
            "The fewest visible pixels found on which the class predicted for the whole image has the highest "
            + "output. " + results.intervalText + ".",
          columns: [
            Table.Column("Model"), Table.Column("n", numeric: true),
            Table.Column("Size [\(levelText) interval]", numeric: true),
            Table.Column("Confidence there [\(levelText) interval]", numeric: true),
            Table.Column("Of the blank image’s class", numeric: true),
          ],
          rows: value.models.map { model in
            [
              Table.Cell(model.model), Table.Cell(String(model.n)),
              Table.Cell(model.size.map { interval($0) } ?? "–"),
              Table.Cell(model.confidence.map { interval($0) } ?? "–"),
              Table.Cell(String(model.degenerate)),
            ]
          })),
    ]
  }
}

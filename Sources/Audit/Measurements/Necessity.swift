import Reports
import Statistics

/// What a model says once the sufficient pixels alone are masked: whether what suffices is needed too.
package enum Necessity: Measurement {
  package static let key = "necessity"
  package static let title = "Are the pixels that suffice needed, too?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "needed", .estimate(.fraction), per: .threshold,
      "share of images whose class changes when the SIS alone is masked", metric: .field,
      plain: PlainName(
        "Decisions that change without their pixels",
        "High: the pixels that suffice are needed too. Low: the rest of the image says the same."),
      isMain: true, isNullable: true,
      pairing: .auditedImages { image in
        image.threshold.flatMap { image.withoutSIS($0) }
          .map { $0.predicted == image.record.predictedClass ? 0 : 1 }
      }),
    MeasuredField(
      "confidence_left", .estimate(.fraction), per: .threshold,
      "mean confidence of the class when the SIS alone is masked", metric: .field,
      plain: PlainName(
        "Confidence left without those pixels",
        "High: the rest of the image says the same. Low: the decision rested on them."),
      isNullable: true),
    MeasuredField("n", .exact(.count), per: .threshold, "images with a SIS of one pixel or more"),
  ]

  package typealias Value = ThresholdCurves<ThresholdValue>

  package struct ThresholdValue: Codable, Equatable, Sendable {
    package let threshold: Double
    package let n: Int
    @OrNull package var needed: MeanEstimate?
    @OrNull package var confidenceLeft: MeanEstimate?

    package enum CodingKeys: String, CodingKey {
      case threshold, n, needed
      case confidenceLeft = "confidence_left"
    }
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    guard results.evaluations != nil else { return .notRun(AuditResults.notCompared) }
    let models = results.models.indices.map { model in
      let records = results.records[model]
      let thresholds = results.thresholds.map { threshold in
        let known = records.indices.compactMap { position in
          AuditedImage(results: results, model: model, position: position, threshold: threshold)
            .withoutSIS(threshold)
            .map { ($0, records[position].predictedClass, results.unit(position)) }
        }
        return ThresholdValue(
          threshold: threshold, n: known.count,
          needed: MeanEstimate(shares: known.map { ($0.predicted == $1 ? 0 : 1, $2) }),
          confidenceLeft: MeanEstimate(
            shares: known.map { ($0.0.confidence, $0.2) }, areExtreme: true))
      }
      return Value.ModelCurve(model: results.models[model].name, thresholds: thresholds)
    }
    guard models.contains(where: { $0.thresholds.contains { $0.n > 0 } }) else {
      return .notRun("no audited image has a SIS of one pixel or more")
    }
    return .measured(Value(models: models))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let parts = value.models.compactMap { model -> String? in
      guard let last = model.thresholds.last(where: { $0.needed != nil }), let needed = last.needed
      else { return nil }
      return "\(model.model) \(percent(needed.mean, decimals: 0)) of \(last.n)"
    }
    return [
      .finding(
        Finding(
          .neutral,
          "Hiding only the pixels that suffice, at the highest confidence, changes of the decisions: "
            + briefly(parts) + ". Where a decision stays, the other pixels say the same.")),
      .details(
        notes: [],
        [
          .table(
            Table(
              name: key,
              caption:
                "Each image with its sufficient input subset masked and everything else visible. Where the "
                + "class changes, the subset is needed as well as sufficient; where it stays, other pixels "
                + "suffice too. " + results.intervalText + ".",
              columns: [
                Table.Column("Model"), Table.Column("τ", numeric: true),
                Table.Column("n", numeric: true),
                Table.Column("Class changes [\(levelText) interval]", numeric: true),
                Table.Column("Confidence left [\(levelText) interval]", numeric: true),
              ],
              rows: value.models.flatMap { model in
                model.thresholds.map { value in
                  [
                    Table.Cell(model.model), Table.Cell(thresholdText(value.threshold)),
                    Table.Cell(String(value.n)),
                    Table.Cell(value.needed.map { interval($0) } ?? "–"),
                    Table.Cell(value.confidenceLeft.map { interval($0) } ?? "–"),
                  ]
                }
              }))
        ]),
    ]
  }
}

extension AuditedImage {
  /// What the model says with the SIS of a threshold masked; nil without a SIS of one pixel or more.
  func withoutSIS(_ threshold: Double) -> SubsetEvaluations.Answer? {
    guard let index = results.thresholds.firstIndex(of: threshold) else { return nil }
    return results.evaluations?.withoutSIS[model].ifAny(
      position * results.thresholds.count + index)
  }
}

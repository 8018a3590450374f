import Figures
import Foundation
import Reports

/// What each model says of the fully masked image, for each candidate mask value: a mask is least
/// informative (3.2) only if the blank image is not itself a confident class.
package enum MaskSanity: Measurement {
  package static let key = "mask_sanity"
  package static let title = "Is a blank image neutral?"
  package static let comparability = Comparability.sameMask
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "blank_confidence", .exact(.fraction), per: .model, "confidence on the fully masked image",
      metric: .field,
      plain: PlainName(
        "Confidence on a blank image",
        "High: it decides before it has seen anything, and images of that class need no pixel. Near chance: as it should be."
      ), isMain: true),
    MeasuredField(
      "degenerate", .exact(.count), per: .model, "images that need no pixel at the lowest τ",
      metric: .field,
      plain: PlainName(
        "Images that need no pixel",
        "High: the blank image already is their class, so their subsets say nothing.")),
    MeasuredField("n", .exact(.count), per: .model, "images audited"),
    MeasuredField("threshold", .exact(.plain), per: .model, "the lowest τ"),
    MeasuredField(
      "masks",
      .list(
        .group([
          MeasuredField("name", .text, "mean, zero or explicit"),
          MeasuredField(
            "value", .list(.exact(.plain)), "per channel, in the model’s units"),
          MeasuredField("predicted_class", .exact(.count), "of the fully masked image"),
          MeasuredField("confidence", .exact(.fraction), "in that class"),
          MeasuredField("entropy", .exact(.plain), "of the prediction, in nats"),
          MeasuredField("chosen", .flag, "whether it is in use"),
        ])), per: .model, "what masked pixels could show"),
    MeasuredField("chance", .exact(.fraction), per: .audit, "one over the number of classes"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    package let chance: Double
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    /// Of the mask in use.
    package let blankConfidence: Double
    package let masks: [MaskCandidate]
    /// Images whose SIS is empty at the lowest τ because of the chosen mask.
    package let degenerate: Int
    package let threshold: Double
    package let n: Int

    package enum CodingKeys: String, CodingKey {
      case model, masks, degenerate, threshold, n
      case blankConfidence = "blank_confidence"
    }
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    let threshold = results.thresholds.first ?? 0.5
    return .measured(
      Value(
        chance: 1 / Double(results.plan.classCount),
        models: zip(results.models, results.records).map { model, records in
          ModelValue(
            model: model.name, blankConfidence: model.mask.confidence, masks: model.masks,
            degenerate: records.count { $0.sisSize(threshold) == 0 }, threshold: threshold,
            n: records.count)
        }))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let confident = value.models.compactMap { model -> String? in
      guard let mask = model.masks.first(where: \.isChosen), mask.confidence >= model.threshold
      else { return nil }
      return "\(model.model) calls it “\(results.plan.className(mask.predictedClass))” with "
        + "\(confidenceText(mask.confidence)) confidence"
    }
    let finding =
      confident.isEmpty
      ? Finding(.good, "No model is sure of a blank image.")
      : Finding(
        .concern,
        "A blank image already is a class: \(briefly(confident)). Up to that confidence images of the class need no pixel; "
          + "they count with size 0, and are left out where chosen and random pixels are compared.")
    return [
      .finding(finding),
      .table(
        Table(
          name: key,
          caption: "Prediction for an image that is all mask. Chance is "
            + "\(percent(value.chance, decimals: 0)); a neutral mask would be near it. Entropy in "
            + "nats, at most \(number(log(Double(results.plan.classCount)), decimals: 2)): higher is less certain. Empty SIS: audited images that need no pixel to reach "
            + "τ = \(thresholdText(value.models.first?.threshold ?? 0)) under the mask in use.",
          columns: [
            Table.Column("Model"), Table.Column("Mask"), Table.Column("In use"),
            Table.Column("Predicted"), Table.Column("Confidence", numeric: true),
            Table.Column("Entropy", numeric: true), Table.Column("Empty SIS", numeric: true),
          ],
          rows: value.models.flatMap { model in
            model.masks.map { mask in
              [
                Table.Cell(model.model), Table.Cell(mask.name),
                Table.Cell(mask.isChosen ? "yes" : ""),
                Table.Cell(results.plan.className(mask.predictedClass)),
                Table.Cell(confidenceText(mask.confidence)),
                Table.Cell(number(mask.entropy, decimals: 2)),
                Table.Cell(mask.isChosen ? "\(model.degenerate) of \(model.n)" : ""),
              ]
            }
          })),
    ]
  }
}

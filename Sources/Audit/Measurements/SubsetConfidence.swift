import Figures
import Reports
import Statistics

/// Accuracy on q% BackSelect subsets (true labels), and the drop in confidence for the predicted
/// class from the full image to the subset; negative: more confident on the subset (Table 1, 4.1).
package enum SubsetConfidence: Measurement {
  package static let key = "subsets"
  package static let title = "Is it right on a few pixels alone?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "subset_accuracy", .estimate(.fraction), per: .model,
      "accuracy on q% subsets chosen by BackSelect", metric: .field,
      plain: PlainName(
        "Accuracy on chosen pixels",
        "High: a few chosen pixels are enough to be right. Low: it takes more of the image."),
      isMain: true, trend: 2,
      pairing: .auditedImages { image in
        image.subsetAnswer.map { $0.predicted == image.record.label ? 1 : 0 }
      }),
    MeasuredField(
      "subset_accuracy_without_blank_class", .estimate(.fraction), per: .model,
      "the same without images predicted as the blank image’s class", metric: .field,
      plain: PlainName(
        "Accuracy on chosen pixels, without the blank image’s class",
        "As accuracy on chosen pixels, where the mask alone decides nothing."),
      isNullable: true),
    MeasuredField(
      "subset_confidence", .estimate(.fraction), per: .model, "mean confidence on q% subsets",
      metric: .field,
      plain: PlainName(
        "Confidence on chosen pixels",
        "High: as sure of a few pixels as people are of whole images.")),
    MeasuredField(
      "confidence_drop", .estimate(.signed), per: .model,
      "mean confidence on full images minus on q% subsets", metric: .field,
      plain: PlainName(
        "Confidence lost on chosen pixels",
        "High: it needs more of the image. At or below 0: specks convince it as much as the image.")
    ),
    MeasuredField(
      "recovered", .estimate(.share), per: .model,
      "share of the accuracy that full images add to random pixels which q% subsets recover",
      metric: .field,
      plain: PlainName(
        "Accuracy that chosen pixels keep",
        "High: a few pixels that mean nothing to a person do as well as the image. Low: the model needs more of it."
      ), isNullable: true, hasReason: true),
    MeasuredField(
      "full_accuracy", .interval(.fraction, always: true), per: .model,
      "top-1 accuracy on all full images"),
    MeasuredField(
      "same_images",
      .group([
        MeasuredField("full", .estimate(.fraction), "on full images"),
        MeasuredField("subset", .estimate(.fraction), "on q% subsets"),
        MeasuredField("random", .estimate(.fraction), "on random q% subsets"),
      ]), per: .model,
      "accuracies over the same audited images, without those predicted as the class of the fully "
        + "masked image", isNullable: true),
    MeasuredField("fraction", .exact(.fraction), per: .audit, "q"),
    MeasuredField("pixels", .exact(.count), per: .audit, "pixels of a q% subset"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    /// q as a fraction, and as pixels.
    package let fraction: Double
    package let pixels: Int
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    /// On all full images of the dataset, with Wilson's interval.
    package let fullAccuracy: Double
    package let fullAccuracyLow: Double
    package let fullAccuracyHigh: Double
    package let subsetAccuracy: MeanEstimate
    /// The same over images not predicted as the class that the fully masked image already is; null
    /// when the model is not confident about that image.
    @OrNull package var withoutBlankClass: MeanEstimate?
    package let subsetConfidence: MeanEstimate
    package let confidenceDrop: MeanEstimate
    /// Accuracies that can be held against each other.
    @OrNull package var sameImages: SameImages?
    /// How much of the accuracy that full images add to random pixels the subsets recover, over
    /// `sameImages`.
    ///
    /// 1 when they are as good as the image. Fieller's interval.
    @OrNull package var recovered: MeanEstimate?
    /// Why there is no such share, or no interval of it.
    @OrNull package var recoveredReason: String?

    package enum CodingKeys: String, CodingKey {
      case model, recovered
      case fullAccuracyLow = "full_accuracy_low"
      case fullAccuracyHigh = "full_accuracy_high"
      case sameImages = "same_images"
      case recoveredReason = "recovered_reason"
      case fullAccuracy = "full_accuracy"
      case subsetAccuracy = "subset_accuracy"
      case withoutBlankClass = "subset_accuracy_without_blank_class"
      case subsetConfidence = "subset_confidence"
      case confidenceDrop = "confidence_drop"
    }
  }

  /// Accuracy on the full image, on the q% subset and on random subsets, over the same images: the
  /// audited ones, without those predicted as the class that the mask alone already is.
  package struct SameImages: Codable, Equatable, Sendable {
    package let full: MeanEstimate
    package let subset: MeanEstimate
    package let random: MeanEstimate
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    guard let evaluations = results.evaluations else { return .notRun(AuditResults.notCompared) }
    let models = results.models.indices.compactMap { model -> ModelValue? in
      let records = results.records[model]
      let answers = evaluations.transferred[model][model]
      func shares(_ value: (ImageSummary, SubsetEvaluations.Answer) -> Double) -> [(
        Double, SampleUnit
      )] {
        records.indices.map { (value(records[$0], answers[$0]), results.unit($0)) }
      }
      let blank = results.confidentBlank(model)
      let others = records.indices.filter { records[$0].predictedClass != blank?.predictedClass }
      let right = shares { $1.predicted == $0.label ? 1 : 0 }
      // Few subsets may leave a model far less sure than most do.
      let confidences = shares { $1.confidence }
      guard let subset = MeanEstimate(shares: right),
        let confidence = MeanEstimate(shares: confidences, areExtreme: true),
        let drop = MeanEstimate(
          differencesOf: zip(records, confidences).map { ($0.confidence, $1.0, $1.1) },
          areExtreme: true)
      else { return nil }
      let (images, correct) = (results.plan.data.images, results.models[model].correct)
      let bounds = wilsonInterval(successes: correct, of: images) ?? (0, 1)
      let same = sameImages(results, model, others)
      let estimates = estimates(same, results)
      let recovered = recovered(same, estimates)
      return ModelValue(
        model: results.models[model].name, fullAccuracy: Double(correct) / Double(images),
        fullAccuracyLow: bounds.low, fullAccuracyHigh: bounds.high, subsetAccuracy: subset,
        withoutBlankClass: blank == nil ? nil : MeanEstimate(shares: others.map { right[$0] }),
        subsetConfidence: confidence, confidenceDrop: drop, sameImages: estimates,
        recovered: recovered.share, recoveredReason: recovered.reason)
    }
    return .measured(
      Value(
        fraction: results.plan.settings.subsetFraction, pixels: results.plan.subsetSize,
        models: models))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let parts = value.models.map {
      "\($0.model) is right on \(percent($0.subsetAccuracy.mean, decimals: 0)) of images "
        + "(whole images: \(percent($0.fullAccuracy, decimals: 0)))"
    }
    let figure = figure(value, results)
    return [
      .finding(
        Finding(
          .neutral,
          "Shown only the \(results.subsetText) of the pixels that count most"
            + (results.models.indices.contains { results.confidentBlank($0) != nil }
              ? ", images of the blank image’s class included: " : ": ") + briefly(parts) + ".")),
      .figure(figure),
      .details(
        notes: [figure.note],
        [
          .table(
            Table(
              name: key,
              caption:
                "Subset: the last \(value.pixels) of \(results.plan.pixelCount) pixels of the order, all others "
                + "masked. \(results.unitNote)Confidence lost: on the whole image minus on the subset; negative: surer of the "
                + "subset. Without blank’s class: leaving out images predicted as what the mask alone already is. n = "
                + "\(results.plan.sample.images.count). \(results.intervalText.capitalizedFirst); of what is lost the farther bound of "
                + "Student’s t and of both means’ intervals put together (MOVER).",
              columns: [
                Table.Column("Model"), Table.Column("Accuracy, full", numeric: true),
                Table.Column("Accuracy, subset", numeric: true),
                Table.Column("… without blank’s class", numeric: true),
                Table.Column("Confidence, subset", numeric: true),
                Table.Column("Confidence lost, points (std)", numeric: true),
              ],
              rows: value.models.map { model in
                [
                  Table.Cell(model.model), Table.Cell(percent(model.fullAccuracy)),
                  Table.Cell(interval(model.subsetAccuracy)),
                  Table.Cell(
                    model.withoutBlankClass.map { "\(interval($0)) (n\u{a0}=\u{a0}\($0.n))" } ?? "–"
                  ),
                  Table.Cell(interval(model.subsetConfidence)),
                  Table.Cell(
                    pointsText(model.confidenceDrop)
                      + (model.confidenceDrop.std.map { " (\(number($0 * 100, decimals: 1)))" }
                        ?? "")),
                ]
              }))
        ]),
    ]
  }
}

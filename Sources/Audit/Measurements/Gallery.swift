import Figures
import Reports

/// Images with their sufficient pixels: the image, where its SIS lies, and the image with all else
/// masked (Figures 1, 3 and S1).
package enum Gallery: Measurement {
  package static let key = "gallery"
  package static let title = "What do the pixels look like?"
  package static let fields: [MeasuredField] = [
    MeasuredField("threshold", .exact(.plain), per: .audit, "the τ of the subsets shown"),
    MeasuredField(
      "examples",
      .list(
        .group([
          MeasuredField("image", .text, "its name in the dataset"),
          MeasuredField("label", .exact(.count), "its class"),
          MeasuredField("predicted", .exact(.count), "the class predicted"),
          MeasuredField("confidence", .exact(.fraction), "on the full image"),
          MeasuredField("size", .exact(.count), "pixels of the SIS"),
          MeasuredField("subset_confidence", .exact(.fraction), "on the SIS alone"),
          MeasuredField(
            "predicted_without", .exact(.count), "the class with the SIS masked",
            isNullable: true),
          MeasuredField(
            "confidence_without", .exact(.fraction), "of the predicted class, with the SIS masked",
            isNullable: true),
        ])), per: .model, "images shown"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    package let threshold: Double
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    package let examples: [Example]
  }

  package struct Example: Codable, Equatable, Sendable {
    package let image: String
    package let label: Int
    package let predicted: Int
    package let confidence: Double
    /// Pixels of the SIS, and confidence when only they are visible.
    package let size: Int
    package let subsetConfidence: Double
    /// The class, and the confidence of the predicted one, when only they are masked; nil when the
    /// audit ended before the model was asked.
    @OrNull package var predictedWithout: Int?
    @OrNull package var confidenceWithout: Double?

    package enum CodingKeys: String, CodingKey {
      case image, label, predicted, confidence, size
      case subsetConfidence = "subset_confidence"
      case predictedWithout = "predicted_without"
      case confidenceWithout = "confidence_without"
    }
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    guard let threshold = threshold(results) else {
      return .notRun("no audited image has a SIS of one pixel or more")
    }
    return .measured(
      Value(
        threshold: threshold,
        models: results.models.indices.map { model in
          ModelValue(
            model: results.models[model].name,
            examples: examples(results, model, threshold).map { image in
              let record = image.record
              let size = record.sisSize(threshold) ?? 0
              let without = image.withoutSIS(threshold)
              return Example(
                image: record.identifier, label: record.label, predicted: record.predictedClass,
                confidence: record.confidence, size: size,
                subsetConfidence: record.sisConfidence(threshold) ?? record.blankConfidence,
                predictedWithout: without?.predicted,
                confidenceWithout: without?.confidence)
            })
        }))
  }

  /// The highest threshold at which every model can show three images, a misclassified one among them;
  /// otherwise three of any kind; otherwise one.
  private static func threshold(_ results: AuditResults) -> Double? {
    let three = min(3, results.plan.settings.maxExamples)
    for (enough, wrong) in [(three, 1), (three, 0), (1, 0)] {
      let found = results.thresholds.last { threshold in
        results.models.indices.allSatisfy { model in
          let shown = examples(results, model, threshold)
          return shown.count >= enough && shown.count { !$0.record.isCorrect } >= wrong
        }
      }
      if let found { return found }
    }
    return nil
  }

  private static func examples(
    _ results: AuditResults, _ model: Int, _ threshold: Double
  ) -> [AuditedImage] {
    // Half of them misclassified where there are enough.
    let most = results.plan.settings.maxExamples
    let records = results.records[model]
    func first(correct: Bool) -> [Int] {
      Array(
        records.indices.lazy.filter {
          records[$0].isCorrect == correct && (records[$0].sisSize(threshold) ?? 0) > 0
        }.prefix(most))
    }
    let (right, wrong) = (first(correct: true), first(correct: false))
    let wrongCount = min(wrong.count, max(most / 2, most - right.count))
    return (right.prefix(most - wrongCount) + wrong.prefix(wrongCount)).map {
      AuditedImage(results: results, model: model, position: $0, threshold: threshold)
    }
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let masks = Set(results.models.map(\.mask.name))
    let maskNote =
      masks.count == 1
      ? masks.joined() : results.models.map { "\($0.name) \($0.mask.name)" }.joined(separator: ", ")
    let place = results.hasModelPages ? " The pictures are on each model’s page." : ""
    return [
      .paragraph(
        "Each image, where the pixels are that suffice (red), and these alone with all others masked. On the last "
          + "picture alone the model is as sure as stated. Mask: \(maskNote).\(place)")
    ]
  }

  package static func modelBlocks(
    _ value: Value, _ results: AuditResults, model index: Int
  ) -> [Block] {
    let model = value.models[index]
    return [
      .imageGrid(
        ImageGrid(
          name: "gallery-\(fileName(model.model))", heading: model.model,
          caption: caption(results, index, model, value.threshold),
          items: examples(results, index, value.threshold).compactMap {
            item($0, value.threshold)
          },
          filters: ["decisions", "classes"],
          orders: ["fewest pixels first", "most confident first"]))
    ]
  }

  private static func caption(
    _ results: AuditResults, _ index: Int, _ model: ModelValue, _ threshold: Double
  ) -> String {
    let sizes = results.records[index].compactMap { $0.sisSize(threshold) }
    let empty = sizes.count { $0 == 0 }
    return
      "\(model.examples.count) of \(sizes.count) images of which it is \(thresholdPercent(threshold)) sure, correct ones "
      + "first" + (empty > 0 ? "; \(empty) that need no pixel are not shown" : "") + "."
  }

  /// Nil where its whole record is gone.
  private static func item(
    _ example: AuditedImage, _ threshold: Double
  ) -> ImageGrid.Item? {
    let (record, results) = (example.record, example.results)
    guard let whole = results.record(example.model, example.position) else { return nil }
    let pixels = whole.sufficientInputSubset(threshold) ?? []
    let image = whole.picture
    let predicted = results.plan.className(record.predictedClass)
    let label = results.plan.className(record.label)
    let subset = record.sisConfidence(threshold) ?? record.blankConfidence
    let share = percent(results.fraction(pixels.count))
    let note =
      (record.isCorrect ? "Correct. " : "Truly \(label). ")
      + "\(confidenceText(record.confidence)) on the image, \(confidenceText(subset)) on "
      + "\(pixels.count) pixels (\(share)). \(without(example, threshold))"
      + "Image \(record.identifier)."
    return ImageGrid.Item(
      title: (record.isCorrect ? "✓ " : "✗ ") + predicted, note: note,
      shortNote: confidenceText(record.confidence).dropLast() + " → \(confidenceText(subset))\n"
        + "\(pixels.count) pixels",
      pictures: [
        ImageGrid.Picture(image, "image"),
        ImageGrid.Picture(image.marking(pixels, Color(0xd00000)), "where"),
        ImageGrid.Picture(
          image.masked(visible: pixels, with: results.maskColor(example.model)), "only these"),
      ],
      altText: note, facets: [record.isCorrect ? "correct" : "misclassified", label],
      ranks: [Double(pixels.count), -record.confidence])
  }

  /// What is left of the decision without the subset, in a sentence with a space after it.
  private static func without(_ example: AuditedImage, _ threshold: Double) -> String {
    guard let answer = example.withoutSIS(threshold) else { return "" }
    return answer.predicted == example.record.predictedClass
      ? "Without them still that class, \(confidenceText(answer.confidence)). "
      : "Without them \(example.results.plan.className(answer.predicted)). "
  }
}

extension ImageRecord {
  /// The image for display.
  var picture: PixelImage {
    PixelImage(width: width, height: height, channels: channels, bytes: display.values)
  }
}

extension AuditResults {
  /// The colour that masked pixels take in pictures of a model.
  func maskColor(_ model: Int) -> Color { Color(displayed: plan.models[model].maskDisplay) }
}

extension Color {
  /// A pixel as it is displayed: one byte for grey, or one per channel.
  init(displayed bytes: [UInt8]) {
    func value(_ c: Int) -> Double { Double(bytes[min(c, bytes.count - 1)]) / 255 }
    self.init(red: value(0), green: value(1), blue: value(2))
  }
}

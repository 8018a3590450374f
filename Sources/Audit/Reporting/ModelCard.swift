import Foundation
import Reports
import Statistics
import Yams

/// What an audit adds to a model card as Hugging Face has them: metrics in the YAML head (`model-index`),
/// and what they mean in Markdown.
package struct ModelCard {
  package let fileName: String
  /// YAML between dashes, then Markdown.
  package let text: String

  /// One card per model.
  ///
  /// Throws `AuditError`.
  package static func all(_ results: AuditResults) throws -> [ModelCard] {
    try results.withIntervalLevel {
      try results.models.indices.map { model in
        let name = results.models[model].name
        let suffix = results.models.count == 1 ? "" : "-" + Audit.fileName(name)
        let encoder = YAMLEncoder()
        encoder.options.allowUnicode = true
        let head = try encoder.encode(Head(results, model))
        return ModelCard(
          fileName: "model-card\(suffix).md", text: "---\n\(head)---\n\n\(body(results, model))")
      }
    }
  }

  // MARK: Head

  private struct Head: Encodable {
    let pipelineTag = "image-classification"
    let tags = ["image-classification", "onnx", "overinterpretation"]
    let modelIndex: [Entry]

    enum CodingKeys: String, CodingKey {
      case tags
      case pipelineTag = "pipeline_tag"
      case modelIndex = "model-index"
    }

    init(_ results: AuditResults, _ model: Int) {
      modelIndex = [Entry(results, model)]
    }
  }

  private struct Entry: Encodable {
    let name: String
    let results: [Evaluation]

    init(_ results: AuditResults, _ model: Int) {
      name = results.models[model].name
      self.results = [Evaluation(results, model)]
    }
  }

  private struct Evaluation: Encodable {
    let task = Task()
    let dataset: Dataset
    let metrics: [Value]

    init(_ results: AuditResults, _ model: Int) {
      dataset = Dataset(
        name: results.plan.data.name, type: Audit.fileName(results.plan.data.name).lowercased())
      metrics = ModelCard.metrics(results, model).map {
        Value(
          type: $0.type,
          value: Decimal(string: String(format: "%.6f", $0.value)) ?? Decimal($0.value),
          name: $0.name)
      }
    }
  }

  private struct Task: Encodable {
    let type = "image-classification"
    let name = "Image classification"
  }

  private struct Dataset: Encodable {
    let name: String
    let type: String
  }

  private struct Value: Encodable {
    let type: String
    /// Not a Double, which YAML would have as 9.4e-1.
    let value: Decimal
    let name: String
  }

  // MARK: Numbers

  private struct Number {
    let type: String
    let name: String
    let value: Double
    let text: String
    let reading: String

    /// `metric`: its name in `audit.json`.
    init(
      _ metric: String, type: String? = nil, threshold: Double? = nil, _ value: Double,
      _ text: String
    ) {
      let known = Metric.named(metric)?.plain
      self.type = type ?? metric
      name = Metric.plainName(of: metric, threshold: threshold)
      self.value = value
      self.text = text
      reading = known?.reading ?? ""
    }
  }

  private static func metrics(_ results: AuditResults, _ model: Int) -> [Number] {
    let accuracy = results.value(of: Accuracy.self)?.models[model]
    let subsets = results.value(of: SubsetConfidence.self)?.models[model]
    let random = results.value(of: RandomSubsetBaseline.self)?.models[model]
    let sizes = results.value(of: SISSizeByThreshold.self)?.models[model].thresholds.last
    let others = results.value(of: Transferability.self)?.models[model].others
    let blank = results.models[model].mask.confidence
    return [
      accuracy.map {
        Number("accuracy", $0.accuracy, interval($0.accuracy, $0.low, $0.high))
      },
      subsets.map {
        Number("subsets.subset_accuracy", $0.subsetAccuracy.mean, interval($0.subsetAccuracy))
      },
      random.map { Number("random_subsets.mean", $0.mean, interval($0.mean, $0.low, $0.high)) },
      sizes.flatMap { value in
        value.median.map {
          Number(
            "sis_size.median", threshold: value.threshold, $0,
            interval($0, value.medianLow, value.medianHigh))
        }
      },
      others.map { Number("transferability.others", $0.mean, interval($0)) },
      Number("mask_sanity.blank_confidence", blank, confidenceText(blank)),
    ].compactMap { $0 }
  }

  // MARK: Body

  private static func body(_ results: AuditResults, _ model: Int) -> String {
    let plan = results.plan
    let finding = Verdict.finding(results, model)
    let rows = metrics(results, model).map {
      "| \(escaped($0.name)) | \($0.text) | \(escaped($0.reading)) |\n"
    }
    return """
      # \(escaped(results.models[model].name))

      ## Model details

      For the provider to complete: architecture, training, licence, contact. SHA-256 of the file: \
      `\(results.models[model].digest)`; \(results.models[model].parameters) parameters.

      ## Intended use

      For the provider to complete.

      ## Training data

      For the provider to complete.

      ## Evaluation

      On \(escaped(plan.data.name)): \(plan.data.images) images, \
      \(plan.sample.images.count) of them audited for what decisions rest on. \
      \(escaped(plan.sample.description))

      | What | Value | What high and low mean |
      | --- | --- | --- |
      \(rows.joined())
      Brackets: \(levelText) confidence interval. Chosen pixels: the \(results.subsetText) that an audit by \
      overinterp \(RunDescription.toolVersion) finds to count most (\(plan.settings.methodDescription)), of all audited images; \
      the limitations below leave out those that a blank image already is.

      ## Limitations

      **\(finding.word.capitalizedFirst).** \(escaped(finding.text))

      Ethical considerations, groups of persons and risks: for the provider to complete.

      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("|", with: "\\|").replacing("<", with: "&lt;")
  }
}

import Datasets
import Foundation
import SufficientInputSubsets

/// `audit.json`: every number of an audit, the same bytes for the same audit.
package struct AuditJSON: Encodable {
  package static let schemaVersion = 1

  package let results: AuditResults
  package let sections: [MeasuredSection]

  package init(_ results: AuditResults, sections: [MeasuredSection]) {
    self.results = results
    self.sections = sections
  }

  private enum CodingKeys: String, CodingKey {
    case data, models, settings, sample, measurements
    case schemaVersion = "schema_version"
    case notRun = "not_run"
    case verdict
  }

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct ModelEntry: Encodable {
    let name: String
    let sha256: String
    let parameters: Int
    let opset: Int
    let output: String
    let multiplyAdds: Int
    let readings: [Reading]

    enum CodingKeys: String, CodingKey {
      case name, sha256, parameters, opset, output, readings
      case multiplyAdds = "multiply_adds"
    }
  }

  private struct DataEntry: Encodable {
    let name: String
    let format: String
    let images: Int
    let sha256: String
    let classes: Int
    @OrNull var classesPresent: Int?
    let height: Int
    let width: Int
    let readings: [Reading]

    enum CodingKeys: String, CodingKey {
      case name, format, images, sha256, classes, height, width, readings
      case classesPresent = "classes_present"
    }
  }

  private struct Settings: Encodable {
    let method: String
    let score: String
    @OrNull var searches: [GuidedSearch]?
    @OrNull var block: Int?
    let mask: String
    let unit: String
    let minimal: Bool
    let thresholds: [Double]
    let subsetFraction: Double
    @OrNull var limit: Int?
    let seed: UInt64
    let randomDraws: Int

    enum CodingKeys: String, CodingKey {
      case method, score, searches, block, mask, unit, minimal, thresholds, limit, seed
      case subsetFraction = "subset_fraction"
      case randomDraws = "random_draws"
    }

    init(_ settings: AuditSettings) {
      method = settings.method.rawValue
      score = settings.score.rawValue
      searches = settings.method == .guided ? settings.searches : nil
      block = settings.method == .gradient ? settings.block : nil
      mask = settings.mask.description
      unit = settings.unit.description
      minimal = settings.findsMinimal
      thresholds = settings.thresholds
      subsetFraction = settings.subsetFraction
      limit = settings.limit
      seed = settings.seed
      randomDraws = settings.randomDraws
    }
  }

  private struct Sample: Encodable {
    let images: [Int]
    let strata: [AuditSample.Stratum]
    let design: String
  }

  private struct NotRun: Encodable {
    let measurement: String
    let reason: String
  }

  package func encode(to encoder: any Encoder) throws {
    let plan = results.plan
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(AuditJSON.schemaVersion, forKey: .schemaVersion)
    try container.encode(
      DataEntry(
        name: plan.data.name, format: plan.data.format, images: plan.data.images,
        sha256: plan.data.digest, classes: plan.classCount,
        classesPresent: plan.data.classesPresent, height: plan.height, width: plan.width,
        readings: plan.data.readings ?? []), forKey: .data)
    try container.encode(
      plan.models.map {
        ModelEntry(
          name: $0.name, sha256: $0.digest, parameters: $0.parameters, opset: $0.opset,
          output: $0.output, multiplyAdds: $0.multiplyAdds, readings: $0.readings ?? [])
      }, forKey: .models)
    try container.encode(Settings(plan.settings), forKey: .settings)
    try container.encode(
      Sample(
        images: plan.sample.images, strata: plan.sample.strata,
        design: plan.sample.description), forKey: .sample)
    try container.encode(Verdict.sentences(results), forKey: .verdict)
    var measurements = container.nestedContainer(keyedBy: Key.self, forKey: .measurements)
    for section in sections {
      if let value = section.value {
        try measurements.encode(value, forKey: Key(section.key))
      } else {
        try measurements.encodeNil(forKey: Key(section.key))
      }
    }
    try container.encode(
      sections.compactMap { section in
        section.reasonNotRun.map { NotRun(measurement: section.key, reason: $0) }
      }, forKey: .notRun)
  }
}

/// One line of `results.jsonl`: what was found for one model and one image.
package struct ResultLine: Encodable {
  package struct Size: Encodable {
    let threshold: Double
    /// Pixels; null when the full image stays below the threshold.
    @OrNull var size: Int?
    /// Once nothing can be dropped; only with `--minimal`.
    let minimal: Int?
  }

  let model: String
  let image: Int
  let identifier: String
  let label: Int
  let predictedClass: Int
  let correct: Bool
  let confidence: Double
  let blankConfidence: Double
  let subsetConfidence: Double
  let subsetPredictedClass: Int
  let sis: [Size]
  let evaluations: Int
  let gradients: Int
  let tiedSteps: Int

  private enum CodingKeys: String, CodingKey {
    case model, image, identifier, label, correct, confidence, sis, evaluations, gradients
    case predictedClass = "predicted_class"
    case blankConfidence = "blank_confidence"
    case subsetConfidence = "subset_confidence"
    case subsetPredictedClass = "subset_predicted_class"
    case tiedSteps = "tied_steps"
  }

  /// All lines of an audit, model by model.
  package static func lines(_ results: AuditResults) throws -> Data {
    var text = Data()
    for model in results.models.indices {
      for (position, record) in results.records[model].enumerated() {
        let answer = results.evaluations.transferred[model][model][position]
        let line = ResultLine(
          model: results.models[model].name, image: record.image, identifier: record.identifier,
          label: record.label, predictedClass: record.predictedClass,
          correct: record.isCorrect, confidence: record.confidence,
          blankConfidence: record.blankConfidence, subsetConfidence: answer.confidence,
          subsetPredictedClass: answer.predicted,
          sis: results.thresholds.enumerated().map { position, threshold in
            Size(
              threshold: threshold, size: record.sisSize(threshold),
              minimal: record.minimal?[position]?.values.count)
          },
          evaluations: record.evaluations, gradients: record.gradients,
          tiedSteps: record.tiedSteps)
        text += try CanonicalJSON.encode(line, pretty: false) + Data("\n".utf8)
      }
    }
    return text
  }
}

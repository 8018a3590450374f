import Datasets
import SufficientInputSubsets

/// `audit.json`: every number of an audit, the same bytes for the same audit.
package struct AuditJSON: Encodable {
  package static let schemaVersion = 1

  package let results: AuditResults
  package let sections: [MeasuredSection]

  private let listsImages: Bool

  /// `listsImages`: whether the audited images are listed, of which there may be millions; they are no
  /// numbers that anybody asks for by name.
  package init(_ results: AuditResults, sections: [MeasuredSection], listsImages: Bool = true) {
    self.results = results
    self.sections = sections
    self.listsImages = listsImages
  }

  private enum CodingKeys: String, CodingKey {
    case data, models, settings, sample, measurements
    case schemaVersion = "schema_version"
    case notRun = "not_run"
    case verdict
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
    @OrNull var search: FloatingSearch?
    @OrNull var block: Int?
    let mask: String
    let unit: String
    let minimal: Bool
    let thresholds: [Double]
    let subsetFraction: Double
    @OrNull var limit: Int?
    let seed: UInt64
    let randomDraws: Int
    let intervalLevel: Double

    enum CodingKeys: String, CodingKey {
      case method, score, search, block, mask, unit, minimal, thresholds, limit, seed
      case intervalLevel = "interval_level"
      case subsetFraction = "subset_fraction"
      case randomDraws = "random_draws"
    }

    init(_ plan: AuditPlan) {
      let settings = plan.settings
      method = settings.method.rawValue
      score = settings.score.rawValue
      search = settings.search
      block = settings.method == .gradient ? settings.block : nil
      mask = settings.mask.description
      unit = settings.unit.description
      minimal = settings.findsMinimal
      thresholds = settings.thresholds
      subsetFraction = settings.subsetFraction
      limit = settings.limit
      seed = settings.seed
      randomDraws = settings.randomDraws
      intervalLevel = 1 - plan.intervalLevel.error
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
    try container.encode(Settings(plan), forKey: .settings)
    try container.encode(
      Sample(
        images: listsImages ? plan.sample.images : [], strata: plan.sample.strata,
        design: plan.sample.description), forKey: .sample)
    try container.encode(Verdict.sentences(results), forKey: .verdict)
    var measurements = container.nestedContainer(keyedBy: JSONKey.self, forKey: .measurements)
    for section in sections {
      if let value = section.value {
        try measurements.encode(value, forKey: JSONKey(section.key))
      } else {
        try measurements.encodeNil(forKey: JSONKey(section.key))
      }
    }
    try container.encode(
      sections.compactMap { section in
        section.reasonNotRun.map { NotRun(measurement: section.key, reason: $0) }
      }, forKey: .notRun)
  }
}

import Foundation
import SharedWork

/// One line of `results.jsonl`: what was found for one model and one image.
package struct ResultLine: Encodable {
  /// The size of the SIS at one τ.
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
  /// Null when the audit was stopped before subsets were compared.
  @OrNull var subsetConfidence: Double?
  @OrNull var subsetPredictedClass: Int?
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

  /// Lines that are made at once.
  private static let block = 8192

  /// Writes all lines of an audit, model by model, of which few are in memory at once.
  ///
  /// Throws `SharedWorkError`.
  package static func write(_ results: AuditResults, to path: String) throws {
    let images = results.plan.sample.images.count
    let blocks = stride(from: 0, to: results.models.count * images, by: block).map { start in
      start..<min(start + block, results.models.count * images)
    }
    let workers = ProcessInfo.processInfo.activeProcessorCount
    var (made, next): ([Data], Int) = ([], 0)
    try RecordFile.replace(path) {
      if made.isEmpty, next < blocks.count {
        let group = Array(blocks[next..<min(next + workers, blocks.count)])
        made = try concurrentMap(
          count: group.count, workers: workers, makeState: {},
          body: { index, _ in try lines(results, group[index], images) })
        next += group.count
      }
      return made.isEmpty ? nil : made.removeFirst()
    }
  }

  /// `range`: of model × images + position.
  private static func lines(
    _ results: AuditResults, _ range: Range<Int>, _ images: Int
  ) throws -> Data {
    let encoder = CanonicalJSON.encoder(pretty: false)
    var text = Data()
    for index in range {
      text += try encoder.encode(
        ResultLine(results, model: index / images, position: index % images))
      text.append(0x0a)
    }
    return text
  }

  private init(_ results: AuditResults, model: Int, position: Int) {
    let record = results.records[model][position]
    let answer = results.subsetAnswer(model, position)
    self.model = results.models[model].name
    image = record.image
    identifier = record.identifier
    label = record.label
    predictedClass = record.predictedClass
    correct = record.isCorrect
    confidence = record.confidence
    blankConfidence = record.blankConfidence
    subsetConfidence = answer?.confidence
    subsetPredictedClass = answer?.predicted
    sis = results.thresholds.map { threshold in
      Size(
        threshold: threshold, size: record.sisSize(threshold),
        minimal: record.minimalSize(threshold))
    }
    evaluations = record.evaluations
    gradients = record.gradients
    tiedSteps = record.tiedSteps
  }
}

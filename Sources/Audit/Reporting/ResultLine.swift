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

  /// All lines of an audit, model by model.
  package static func lines(_ results: AuditResults) throws -> Data {
    var text = Data()
    for model in results.models.indices {
      for (position, record) in results.records[model].enumerated() {
        let answer = results.subsetAnswer(model, position)
        let line = ResultLine(
          model: results.models[model].name, image: record.image, identifier: record.identifier,
          label: record.label, predictedClass: record.predictedClass,
          correct: record.isCorrect, confidence: record.confidence,
          blankConfidence: record.blankConfidence, subsetConfidence: answer?.confidence,
          subsetPredictedClass: answer?.predicted,
          sis: results.thresholds.map { threshold in
            Size(
              threshold: threshold, size: record.sisSize(threshold),
              minimal: record.minimalSize(threshold))
          },
          evaluations: record.evaluations, gradients: record.gradients,
          tiedSteps: record.tiedSteps)
        text += try CanonicalJSON.encode(line, pretty: false) + Data("\n".utf8)
      }
    }
    return text
  }
}

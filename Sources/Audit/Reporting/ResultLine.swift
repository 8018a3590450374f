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
    let models = try results.models.map {
      String(decoding: try encoder.encode($0.name), as: UTF8.self)
    }
    var text = ""
    text.reserveCapacity(range.count * 512)
    for index in range {
      let line = ResultLine(results, model: index / images, position: index % images)
      try line.append(to: &text, model: models[index / images], encoder)
      text += "\n"
    }
    return Data(text.utf8)
  }

  /// Writes what an encoder writes of it, twenty times as fast: of millions of lines that is most of a
  /// merge.
  ///
  /// `model`: its name as JSON.
  private func append(
    to text: inout String, model: String, _ encoder: JSONEncoder
  ) throws {
    let isPlain = identifier.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    let name =
      isPlain
      ? "\"\(identifier)\"" : String(decoding: try encoder.encode(identifier), as: UTF8.self)
    text += "{\"blank_confidence\":"
    text += ResultLine.text(blankConfidence)
    text += ",\"confidence\":"
    text += ResultLine.text(confidence)
    text += ",\"correct\":\(correct),\"evaluations\":\(evaluations),\"gradients\":\(gradients)"
    text += ",\"identifier\":\(name),\"image\":\(image),\"label\":\(label),\"model\":\(model)"
    text += ",\"predicted_class\":\(predictedClass),\"sis\":["
    for (place, size) in sis.enumerated() {
      text += place == 0 ? "{" : ",{"
      if let minimal = size.minimal { text += "\"minimal\":\(minimal)," }
      text += "\"size\":\(size.size.map(String.init) ?? "null"),\"threshold\":"
      text += ResultLine.text(size.threshold)
      text += "}"
    }
    text += "],\"subset_confidence\":\(subsetConfidence.map(ResultLine.text) ?? "null")"
    text += ",\"subset_predicted_class\":\(subsetPredictedClass.map(String.init) ?? "null")"
    text += ",\"tied_steps\":\(tiedSteps)}"
  }

  /// As the encoder writes numbers: as few digits as tell it from others, and no ".0".
  private static func text(_ number: Double) -> String {
    let text = number.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  package init(_ results: AuditResults, model: Int, position: Int) {
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

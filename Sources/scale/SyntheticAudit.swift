import Audit
import Datasets
import Foundation
import SharedWork
import SufficientInputSubsets

/// An audit that no network ever ran, of any size: its records are made up and everything else is real.
struct SyntheticAudit: Sendable {
  let images: Int
  let models: Int
  /// Rows and columns of an image.
  let side: Int
  private let plan: AuditPlan
  private let predictions: Predictions

  /// Images of which whole records are written, so that the report has pictures.
  private static let pictured = 200
  private static let classes = 10

  /// Throws when a plan cannot be encoded.
  init(images: Int, models: Int, side: Int) throws {
    (self.images, self.models, self.side) = (images, models, side)
    var settings = AuditSettings()
    settings.method = .floating
    settings.randomDraws = 5
    let labels = (0..<images).map { $0 % SyntheticAudit.classes }
    let predicted = (0..<models).map { model in
      labels.indices.map { image -> Int in
        let isWrong = Self.noise(image, model, 1) < 0.08
        return isWrong ? (labels[image] + 1) % SyntheticAudit.classes : labels[image]
      }
    }
    let sample = AuditSample(
      isWrong: labels.map { _ in false }, limit: nil, seed: settings.seed)
    let planned = (0..<models).map { model in
      SyntheticAudit.model(model, correct: zip(predicted[model], labels).count { $0 == $1 })
    }
    var plan = AuditPlan(
      models: planned,
      data: PlannedData(
        name: "synthetic", format: "none", images: images,
        classNames: (0..<SyntheticAudit.classes).map { "class \($0)" }, digest: "00",
        readings: [], classesPresent: SyntheticAudit.classes),
      settings: settings, sample: sample, classCount: SyntheticAudit.classes, height: side,
      width: side)
    let digests = (0..<images).map { UInt64($0) }
    plan.parts = try PlannedParts(
      sample, models: planned, settings: settings, labels: labels, digests: digests,
      predicted: predicted)
    plan.baseline = PlannedBaseline(plan, labels: labels, digests: digests)
    self.plan = plan
    predictions = Predictions(
      planDigest: try plan.storedDigest,
      identifiers: (0..<images).map { String(format: "ILSVRC2012_val_%08d.JPEG", $0 + 1) },
      labels: labels, pictures: digests,
      models: (0..<models).map { model in
        ModelPredictions(
          name: planned[model].name,
          predicted: PackedNumbers(predicted[model].map { UInt32($0) }),
          confidence: PackedNumbers(labels.indices.map { Float(Self.confidence($0, model)) }))
      })
  }

  /// Writes plan, predictions and the records of all parts.
  ///
  /// Throws `SharedWorkError`.
  func write(to folder: RunFolder, workers: Int) throws {
    guard let parts = plan.parts, let baseline = plan.baseline else { return }
    try folder.prepare()
    try RecordFile.write(plan, to: folder.planPath)
    try RecordFile.write(predictions, to: folder.predictionsPath)
    _ = try concurrentMap(
      count: parts.count, workers: workers, makeState: {},
      body: { index, _ in
        let part = try parts.part(index)
        let records = (0..<models).map { model in part.images.map { record($0, model) } }
        for (model, found) in records.enumerated() {
          for record in found where record.image < SyntheticAudit.pictured {
            try RecordFile.write(
              record, to: folder.recordPath(plan.models[model], image: record.image))
          }
        }
        let evaluations = answers(records)
        try RecordFile.write(
          PartRecord(part, records: records, evaluations: evaluations, plan: plan),
          to: folder.partPath(parts, part))
      })
    for piece in baseline.pieces {
      let found = baseline.images(piece)
      let right = (0..<models).map { model in
        (0..<plan.settings.randomDraws).map { draw in
          PackedNumbers(found.map { UInt8(Self.noise($0, model, 10 + draw) < 0.2 ? 1 : 0) })
        }
      }
      try RecordFile.write(
        RandomBaselineRecord(
          key: baseline.key(piece, plan),
          answers: RandomBaseline(images: found.count, right: right)),
        to: folder.baselinePath(piece, of: parts))
    }
  }

  /// A number of 0...1 that looks random and is the same every time.
  private static func noise(_ image: Int, _ model: Int, _ stream: Int) -> Double {
    var generator = SeededGenerator(
      seed: UInt64(image), stream: UInt64(model) << 32 | UInt64(stream))
    return Double(generator.next() >> 11) * 0x1p-53
  }

  private static func confidence(_ image: Int, _ model: Int) -> Double {
    0.6 + 0.4 * noise(image, model, 2)
  }

  private func record(_ image: Int, _ model: Int) -> ImageRecord {
    let pixels = side * side
    let full = SyntheticAudit.confidence(image, model)
    // Half of the confidence is reached with so many pixels.
    let half = Double(pixels) * (0.01 + 0.1 * SyntheticAudit.noise(image, model, 3))
    func evaluation(_ visible: Int) -> Evaluation {
      let reached = 1 - exp(-0.69 * Double(visible) / half)
      let whole = 1 - exp(-0.69 * Double(pixels) / half)
      let confidence = 0.1 + (full - 0.1) * reached / whole
      return Evaluation(score: confidence, confidence: confidence)
    }
    var generator = SeededGenerator(seed: UInt64(image), stream: UInt64(model))
    let order = generator.shuffled(pixels)
    let run = BackSelectRun(
      start: .all(of: pixels), initial: evaluation(pixels),
      steps: order.enumerated().map { step, pixel in
        BackSelectStep(pixel: pixel, after: evaluation(pixels - 1 - step))
      },
      cost: BackSelectCost())
    let label = image % SyntheticAudit.classes
    let isWrong = SyntheticAudit.noise(image, model, 1) < 0.08
    return ImageRecord(
      run, minimal: nil, image: image, identifier: String(image), label: label,
      predictedClass: isWrong ? (label + 1) % SyntheticAudit.classes : label, logits: [],
      height: side, width: side, channels: 1, imageDigest: String(image),
      display: (0..<pixels).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ image) })
  }

  private func answers(_ records: [[ImageRecord]]) -> SubsetEvaluations {
    let thresholds = plan.settings.thresholds
    func answer(_ record: ImageRecord, _ stream: Int, chance: Double) -> SubsetEvaluations.Answer {
      let noise = SyntheticAudit.noise(record.image, stream, 4)
      return SubsetEvaluations.Answer(
        predicted: noise < chance ? record.predictedClass : 9, confidence: noise)
    }
    return SubsetEvaluations(
      transferred: records.indices.map { source in
        records.indices.map { target in
          SubsetEvaluations.Answers(
            records[source].map {
              answer($0, 16 * source + target, chance: source == target ? 0.9 : 0.4)
            })
        }
      },
      withoutSIS: records.map { found in
        SubsetEvaluations.Answers(
          found.flatMap { record in
            thresholds.map { threshold -> SubsetEvaluations.Answer? in
              (record.sisSize(threshold) ?? 0) > 0 ? answer(record, 99, chance: 0.5) : nil
            }
          })
      },
      randomRight: records.indices.map { model in
        (0..<plan.settings.randomDraws).map { draw in
          PackedNumbers(
            records[model].map {
              UInt8(SyntheticAudit.noise($0.image, model, 10 + draw) < 0.2 ? 1 : 0)
            })
        }
      })
  }

  private static func model(_ index: Int, correct: Int) -> PlannedModel {
    PlannedModel(
      name: "model-\(index + 1)", digest: String(index), parameters: 1, multiplyAdds: 1, opset: 17,
      output: "logits", isQuantized: false, preprocessing: Preprocessing(), correct: correct,
      correctInTopFive: nil,
      masks: [
        MaskCandidate(
          name: "mean", value: [0], predictedClass: 9, confidence: 0.1, entropy: 2, isChosen: true)
      ],
      maskDisplay: [0], recordFolder: "model-\(index + 1)", readings: [])
  }
}

import Audit
import Datasets
import Foundation
import SharedWork
import SufficientInputSubsets

/// Results of an audit that no network ever ran: images of 2 × 2 pixels, three classes.
enum HandmadeAudit {
  /// One image of one model: how few pixels suffice at every τ, and whether the model is right on the
  /// whole image.
  struct Image {
    let size: Int
    var isRight = true
    /// On the whole image, and with `size` pixels or more.
    var confidence = 0.995
  }

  /// `models`: by name, the same number of images each.
  ///
  /// `randomIsRight`: whether random pixels are worth as much as the whole image, or nothing.
  static func results(
    _ models: [(name: String, images: [Image])], randomIsRight: Bool = true,
    change: (inout AuditSettings) -> Void = { _ in }
  ) throws -> AuditResults {
    var settings = AuditSettings()
    settings.method = .exact
    settings.randomDraws = 1
    settings.subsetFraction = 0.5
    change(&settings)
    let count = models[0].images.count
    let plan = AuditPlan(
      models: models.map { model($0.name, correct: $0.images.count(where: \.isRight)) },
      data: PlannedData(
        name: "handmade", format: "none", images: count, classNames: ["a", "b", "c"], digest: "00",
        readings: [], classesPresent: 1),
      settings: settings,
      sample: AuditSample(
        isWrong: (0..<count).map { image in models.contains { !$0.images[image].isRight } },
        limit: nil, seed: 0),
      classCount: 3, height: 2, width: 2)
    let digest = try plan.storedDigest
    let rights = models.map {
      PackedNumbers($0.images.map { $0.isRight && randomIsRight ? UInt8(1) : 0 })
    }
    return AuditResults(
      plan: plan,
      records: models.map { model in model.images.enumerated().map { record($1, index: $0) } },
      evaluations: SubsetEvaluations(
        transferred: models.map { source in
          models.map { _ in
            SubsetEvaluations.Answers(
              source.images.map {
                SubsetEvaluations.Answer(predicted: $0.isRight ? 0 : 1, confidence: $0.confidence)
              })
          }
        },
        withoutSIS: models.map { model in
          SubsetEvaluations.Answers(
            model.images.flatMap { image in
              settings.thresholds.map {
                image.size == 0 || image.confidence < $0
                  ? nil : SubsetEvaluations.Answer(predicted: 2, confidence: 0.2)
              }
            })
        },
        randomRight: rights.map { [$0] }),
      baseline: RandomBaseline(images: count, right: rights.map { [$0] }),
      predictions: Predictions(
        planDigest: digest, identifiers: (0..<count).map(String.init),
        labels: [Int](repeating: 0, count: count), pictures: (0..<count).map { UInt64($0) },
        models: models.map { model in
          ModelPredictions(
            name: model.name, predicted: PackedNumbers(model.images.map { $0.isRight ? 0 : 1 }),
            confidence: PackedNumbers(model.images.map { Float($0.confidence) }))
        }))
  }

  private static func model(_ name: String, correct: Int) -> PlannedModel {
    PlannedModel(
      name: name, digest: name, parameters: 1, multiplyAdds: 1, opset: 17, output: "logits",
      isQuantized: false, preprocessing: Preprocessing(), correct: correct, correctInTopFive: nil,
      masks: [
        MaskCandidate(
          name: "mean", value: [0], predictedClass: 2, confidence: 0.4, entropy: 1, isChosen: true)
      ],
      maskDisplay: [0], recordFolder: name, readings: [])
  }

  /// Pixels are masked in their own order; all but the last `size` of them are worth nothing.
  private static func record(_ image: Image, index: Int) -> ImageRecord {
    func evaluation(visible: Int) -> Evaluation {
      Evaluation(
        score: Double(visible), confidence: visible >= image.size ? image.confidence : 0.1)
    }
    let run = BackSelectRun(
      start: .all(of: 4), initial: evaluation(visible: 4),
      steps: (0..<4).map { BackSelectStep(pixel: $0, after: evaluation(visible: 3 - $0)) },
      cost: BackSelectCost())
    return ImageRecord(
      run, minimal: nil, image: index, identifier: String(index), label: 0,
      predictedClass: image.isRight ? 0 : 1, logits: [1, 0, 0], height: 2, width: 2, channels: 1,
      imageDigest: String(index), display: [UInt8(index), 1, 2, 3])
  }
}

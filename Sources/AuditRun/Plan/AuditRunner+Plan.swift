import Audit
import Datasets
import Foundation
import Inference
import SharedWork
import Statistics
import SufficientInputSubsets

// Predictions and plan: everything before the expensive part.
extension AuditRunner {
  /// Images that are predicted, and stored, together.
  private static let piece = AuditedModel.chunk

  /// Asks every model about every image of the dataset; with other shards, each about some.
  func predictAll(observe: @escaping @Sendable (Event) -> Void) throws -> DatasetPredictions {
    let count = (dataset.count + AuditRunner.piece - 1) / AuditRunner.piece
    let makeState: @Sendable () throws -> ImagePredictors = { ImagePredictors(self) }
    let body: @Sendable (Int, inout ImagePredictors) throws -> DatasetPredictions = {
      index, predictors in
      let start = index * AuditRunner.piece
      return try DatasetPredictions(
        start..<min(start + AuditRunner.piece, dataset.count), self, predictors)
    }
    guard let sharding else {
      return DatasetPredictions(
        try concurrentMap(count: count, workers: workers, makeState: makeState, body: body))
    }
    return DatasetPredictions(
      try sharding.pieces(DatasetPredictions.self, of: "predictions", count: count).all(
        workers: workers, makeState: makeState,
        waiting: { observe(.waiting("\($0) pieces of predictions of other shards")) }, body: body))
  }

  func plan(_ predictions: DatasetPredictions, secondsPerPass: Double) throws -> AuditPlan {
    let labels = dataset.labels ?? []
    let predicted = predictions.models.map { $0.predicted.map { Int($0) } }
    let isWrong = labels.indices.map { image in
      predicted.contains { $0[image] != labels[image] }
    }
    let sample = AuditSample(isWrong: isWrong, limit: settings.limit, seed: settings.seed)
    guard !sample.images.isEmpty else { throw AuditRunError.noImages(path: dataset.path) }
    let network = models[0].network
    let planned = try models.indices.map { index in
      try planModel(
        index, predicted[index], inTopFive: predictions.models[index].inTopFive, labels: labels)
    }
    var plan = AuditPlan(
      models: planned,
      data: PlannedData(
        name: dataset.path.fileName, format: dataset.format,
        images: dataset.count, classNames: dataset.classNames,
        digest: PlannedData.digest(
          labels: labels, images: sample.images.map { predictions.digests[$0] }),
        readings: dataset.readings, classesPresent: Set(labels).count),
      settings: settings, sample: sample, classCount: network.classCount,
      height: network.input.height, width: network.input.width)
    if judge != nil { plan.looks = SequentialLooks(images: sample.images.count).sizes.count }
    if let timeLimit {
      plan.mostRandomImages = timeLimit.mostRandomImages(
        passes: settings.randomDraws * models.count, secondsPerPass: secondsPerPass)
    }
    plan.parts = try PlannedParts(
      sample, models: planned, settings: settings, labels: labels, digests: predictions.digests,
      predicted: predicted)
    plan.baseline = PlannedBaseline(plan, labels: labels, digests: predictions.digests)
    return plan
  }

  private func planModel(
    _ index: Int, _ predicted: [Int], inTopFive: Int, labels: [Int]
  ) throws -> PlannedModel {
    let model = models[index]
    let masks = try MaskCandidate.candidates(
      for: model, mask: settings.mask, dataMean: { try model.mean(of: dataset) }
    )
    let mask = masks.first(where: \.isChosen)?.value ?? []
    // A file's name and what is said of it change no number.
    var preprocessing = model.preprocessor.preprocessing
    (preprocessing.source, preprocessing.notes) = (nil, nil)
    let fingerprint = try CanonicalJSON.encode(
      RecordFingerprint(
        version: ImageRecord.currentVersion, model: model.digest,
        preprocessing: preprocessing, mask: mask,
        output: model.network.outputKind.rawValue, method: settings.method,
        search: settings.search,
        block: settings.method == .gradient ? settings.block : 0, score: settings.score,
        unit: settings.unit,
        thresholds: settings.recordsDependOnThresholds ? settings.thresholds : [],
        findsMinimal: settings.findsMinimal,
        batchSize: batchSize(index)), pretty: false)
    return PlannedModel(
      name: model.name, digest: model.digest, parameters: model.network.parameterCount,
      multiplyAdds: model.network.multiplyAdds, opset: model.network.opset,
      output: model.network.outputKind.rawValue, isQuantized: model.network.isQuantized,
      preprocessing: model.preprocessor.preprocessing,
      correct: zip(predicted, labels).count { $0 == $1 },
      correctInTopFive: model.network.classCount > 10 ? inTopFive : nil,
      masks: masks, maskDisplay: model.display(mask),
      recordFolder: "\(fileName(model.name))-\(Digest.sha256(fingerprint).prefix(12))",
      readings: model.readings)
  }

  /// Everything that changes a model's records.
  private struct RecordFingerprint: Encodable {
    let version: Int
    let model: String
    let preprocessing: Preprocessing
    let mask: [Float]
    let output: String
    let method: AuditSettings.Method
    let search: FloatingSearch?
    let block: Int
    let score: ScoreKind
    let unit: MaskUnit
    let thresholds: [Double]
    let findsMinimal: Bool
    let batchSize: Int
  }
}

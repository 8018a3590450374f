import Audit
import Datasets
import Foundation
import Inference
import SufficientInputSubsets
import Synchronization

// Predictions and plan: everything before the expensive part.
extension AuditRunner {
  /// Outputs `[n, classes]` of every model for every image of the dataset, and the marks of the
  /// images.
  func predictAll() throws -> (outputs: [[Float]], pictures: [UInt64]) {
    let pictures = Mutex([UInt64](repeating: 0, count: dataset.count))
    let outputs = try models.enumerated().map { index, model in
      try model.outputs(
        of: Array(0..<dataset.count), dataset: dataset, workers: workers,
        batchSize: batchSize(model)
      ) { position, image in
        if index == 0 {
          let mark = Predictions.mark(ofPicture: model.display(image))
          pictures.withLock { $0[position] = mark }
        }
        return image
      }
    }
    return (outputs, pictures.withLock { $0 })
  }

  func predictions(
    _ outputs: [[Float]], _ pictures: [UInt64], planDigest: String
  ) -> Predictions {
    Predictions(
      planDigest: planDigest, identifiers: dataset.identifiers, labels: dataset.labels ?? [],
      pictures: pictures,
      models: zip(models, outputs).map { model, outputs in
        let answers = (0..<dataset.count).map { image in
          let row = row(outputs, image)
          let predicted = ClassScore.predictedClass(row)
          let score = ClassScore(classIndex: predicted, outputKind: model.network.outputKind)
          return (UInt32(predicted), Float(score.confidence(row)))
        }
        return ModelPredictions(
          name: model.name, predicted: PackedNumbers(answers.map(\.0)),
          confidence: PackedNumbers(answers.map(\.1)))
      })
  }

  func plan(_ outputs: [[Float]]) throws -> AuditPlan {
    let labels = dataset.labels ?? []
    let predicted = outputs.map { outputs in
      labels.indices.map { ClassScore.predictedClass(row(outputs, $0)) }
    }
    let isWrong = labels.indices.map { image in
      predicted.contains { $0[image] != labels[image] }
    }
    let sample = AuditSample(isWrong: isWrong, limit: settings.limit, seed: settings.seed)
    guard !sample.images.isEmpty else { throw AuditRunError.noImages(path: dataset.path) }
    let network = models[0].network
    let planned = try models.indices.map { index in
      try planModel(index, outputs[index], predicted[index], labels: labels, sample: sample)
    }
    return AuditPlan(
      models: planned,
      data: PlannedData(
        name: dataset.path.fileName, format: dataset.format,
        images: dataset.count, classNames: dataset.classNames,
        digest: try dataDigest(sample), readings: dataset.readings,
        classesPresent: Set(labels).count),
      settings: settings, sample: sample, classCount: network.classCount,
      height: network.input.height, width: network.input.width)
  }

  private func planModel(
    _ index: Int, _ outputs: [Float], _ predicted: [Int], labels: [Int], sample: AuditSample
  ) throws -> PlannedModel {
    let model = models[index]
    let masks = try MaskCandidate.candidates(
      for: model, mask: settings.mask, dataMean: { try model.mean(of: dataset) }
    )
    let topFive =
      model.network.classCount > 10
      ? labels.indices.count { image in
        let row = Array(row(outputs, image))
        return row.count { $0 > row[labels[image]] } < 5
      } : nil
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
        batchSize: batchSize(model)), pretty: false)
    return PlannedModel(
      name: model.name, digest: model.digest, parameters: model.network.parameterCount,
      multiplyAdds: model.network.multiplyAdds, opset: model.network.opset,
      output: model.network.outputKind.rawValue, isQuantized: model.network.isQuantized,
      preprocessing: model.preprocessor.preprocessing,
      correct: zip(predicted, labels).count { $0 == $1 }, correctInTopFive: topFive,
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

  func dataDigest(_ sample: AuditSample) throws -> String {
    PlannedData.digest(
      labels: dataset.labels ?? [],
      images: try sample.images.map { Digest.sha256(try models[0].image($0, of: dataset)) })
  }
}

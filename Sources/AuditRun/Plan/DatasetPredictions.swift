import Audit
import Datasets
import Inference
import SharedWork

/// What models say of images of the dataset, and what the images look like to them.
struct DatasetPredictions: Codable, Sendable {
  struct OfModel: Codable, Sendable {
    var predicted: [UInt32] = []
    /// Of the predicted class.
    var confidence: [Float] = []
    /// Images whose label is among the five highest classes.
    var inTopFive = 0
  }

  var models: [OfModel]
  /// See `Predictions.pictures`.
  var pictures: [UInt64] = []
  /// See `PlannedParts.digests`.
  var digests: [UInt64] = []

  /// Of pieces of the dataset, one after the other.
  init(_ pieces: [DatasetPredictions]) {
    models = (pieces.first?.models ?? []).map { _ in OfModel() }
    for piece in pieces {
      for (index, model) in piece.models.enumerated() {
        models[index].predicted += model.predicted
        models[index].confidence += model.confidence
        models[index].inTopFive += model.inTopFive
      }
      pictures += piece.pictures
      digests += piece.digests
    }
  }

  private init(models: Int) {
    self.models = (0..<models).map { _ in OfModel() }
  }

  /// Asks every model about some images.
  ///
  /// `predictors`: one per model.
  ///
  /// Throws `AuditRunError.notFinite`, `DatasetError` or `InferenceError`.
  init(_ images: Range<Int>, _ runner: AuditRunner, _ predictors: ImagePredictors) throws {
    self.init(models: runner.models.count)
    let labels = runner.dataset.labels ?? []
    var marks = images.map { _ in [UInt64]() }
    for (index, model) in runner.models.enumerated() {
      let isSeen = runner.preparesOwnImages(index)
      var pictures: [UInt64] = []
      // Images are looked at where they are read anyway.
      let rows = try predictors.outputs(index, Array(images)) { place, image in
        if isSeen { marks[place].append(Predictions.mark(of: image)) }
        if index == 0 { pictures.append(Predictions.mark(of: model.display(image))) }
        return image
      }
      self.pictures += pictures
      let classes = model.network.classCount
      for (place, image) in images.enumerated() {
        let row = rows[place * classes..<(place + 1) * classes]
        let predicted = ClassScore.predictedClass(row)
        let score = ClassScore(classIndex: predicted, outputKind: model.network.outputKind)
        models[index].predicted.append(UInt32(predicted))
        models[index].confidence.append(Float(score.confidence(row)))
        let own = row[row.startIndex + labels[image]]
        if row.count(where: { $0 > own }) < 5 { models[index].inTopFive += 1 }
      }
    }
    digests = marks.map(AuditRunner.digest)
  }

  /// `planDigest`: of the plan they belong to.
  func stored(_ runner: AuditRunner, planDigest: String) -> Predictions {
    Predictions(
      planDigest: planDigest, identifiers: runner.dataset.identifiers,
      labels: runner.dataset.labels ?? [], pictures: pictures,
      models: zip(runner.models, models).map { model, found in
        ModelPredictions(
          name: model.name, predicted: PackedNumbers(found.predicted),
          confidence: PackedNumbers(found.confidence))
      })
  }
}

extension AuditRunner {
  /// Whether no model before it prepares images as this one does.
  fileprivate func preparesOwnImages(_ model: Int) -> Bool {
    !models[..<model].contains { $0.preparesImages(as: models[model]) }
  }

  /// Of an image, of its marks as every model that prepares it in a way of its own sees it.
  fileprivate static func digest(_ marks: [UInt64]) -> UInt64 {
    marks.count == 1 ? marks[0] : Predictions.mark(of: marks)
  }

  /// - Throws: `AuditRunError.imageChanged` where an image is not what it was when the plan was made.
  func check(_ images: [Int], digests: [UInt64]) throws {
    for (image, digest) in zip(images, digests) {
      let marks = try models.indices.filter(preparesOwnImages).map {
        Predictions.mark(of: try models[$0].image(image, of: dataset))
      }
      guard AuditRunner.digest(marks) == digest else {
        throw AuditRunError.imageChanged(name: dataset.identifiers[image])
      }
    }
  }
}

extension AuditedModel {
  fileprivate func preparesImages(as other: AuditedModel) -> Bool {
    preprocessor.preprocessing == other.preprocessor.preprocessing
      && network.input.channels == other.network.input.channels
  }
}

/// A predictor of each model: of one worker, made when first asked.
final class ImagePredictors {
  private let runner: AuditRunner
  private var known: [Int: Predictor] = [:]

  init(_ runner: AuditRunner) {
    self.runner = runner
  }

  /// Outputs `[n, classes]` of a model for images of the dataset.
  ///
  /// `change`: what to do to the preprocessed image at a position before the model sees it.
  func outputs(
    _ model: Int, _ images: [Int], change: ((Int, [Float]) -> [Float])? = nil
  ) throws -> [Float] {
    let predictor =
      known[model] ?? runner.models[model].predictor(batchSize: runner.batchSize(model))
    known[model] = predictor
    return try runner.models[model].outputs(
      of: images, dataset: runner.dataset, predictor, change: change)
  }
}

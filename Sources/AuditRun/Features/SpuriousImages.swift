import Audit
import Datasets
import Features
import Inference
import Statistics

/// What a model answers on images, held against their labels.
struct Outputs {
  let labels: [Int]
  let right: [Bool]
  private let values: [Float]
  private let classCount: Int
  private let kind: Network.OutputKind

  /// `values`: `[n, classes]`, of all images of a dataset with labels.
  init(_ values: [Float], of dataset: Dataset, _ model: AuditedModel) {
    self.values = values
    classCount = model.network.classCount
    kind = model.network.outputKind
    let (classes, labels) = (classCount, dataset.labels ?? [])
    self.labels = labels
    right = labels.indices.map {
      ClassScore.predictedClass(values[$0 * classes..<($0 + 1) * classes]) == labels[$0]
    }
  }

  /// A class's log-odds on the images labelled with it.
  func scores(labelled classIndex: Int) -> [Double] {
    let score = ClassScore(classIndex: classIndex, outputKind: kind)
    return labels.indices.filter { labels[$0] == classIndex }.map {
      score.logOdds(values[$0 * classCount..<($0 + 1) * classCount])
    }
  }

  /// Of the images labelled with a class, the share that the model takes for it.
  func share(labelled classIndex: Int) -> MeanEstimate? {
    let own = zip(labels, right).filter { $0.0 == classIndex }
    return MeanEstimate(successes: own.count { $0.1 }, of: own.count)
  }
}

/// Images that show a class's spurious feature without the class, labelled with the class that they could be
/// taken for.
struct SpuriousImages {
  private let dataset: Dataset
  private let outputs: Outputs

  /// Throws what reading images and running the network throws, and `AuditRunError.noLabels`.
  init(_ dataset: Dataset, _ model: AuditedModel, workers: Int) throws {
    guard dataset.labels != nil else { throw AuditRunError.noLabels(path: dataset.path) }
    self.dataset = dataset
    outputs = Outputs(
      try model.outputs(
        of: Array(0..<dataset.count), dataset: dataset, workers: workers, batchSize: nil),
      of: dataset, model)
  }

  /// By class that has such images.
  ///
  /// `audited`: what the model answers on images of the classes themselves.
  ///
  /// Throws `FeatureError.noPositives` where a class has none.
  func scores(against audited: Outputs) throws -> [FeatureScores.Spurious] {
    try Set(outputs.labels).sorted().map { classIndex in
      let score = SpuriousScore(
        positives: audited.scores(labelled: classIndex),
        negatives: outputs.scores(labelled: classIndex))
      guard let score, let taken = outputs.share(labelled: classIndex) else {
        throw FeatureError.noPositives(
          className: dataset.className(classIndex), images: dataset.path)
      }
      return FeatureScores.Spurious(
        classIndex: classIndex, name: dataset.className(classIndex),
        positives: score.positives, negatives: score.negatives,
        averagePrecision: score.averagePrecision, chance: score.chance, area: score.area,
        taken: taken)
    }
  }
}

import Audit
import Datasets
import Inference
import Tensors

/// Predicts the same images under many readings.
struct Examination {
  let model: AuditedModel
  let dataset: Dataset
  let workers: Int

  struct Answer {
    let trial: Trial
    /// One class per image.
    let predicted: [Int]

    func correct(_ labels: [Int]) -> Int { zip(predicted, labels).count { $0 == $1 } }
  }

  /// The class of each image; nil where this reading does not give the model's size.
  mutating func predictions(_ trial: Trial) throws -> [Int]? {
    let input = model.network.input
    guard
      let preprocessor = try? Preprocessor(
        trial.preprocessing, height: input.height, width: input.width, channels: input.channels,
        rawRange: dataset.range.white, defaultScale: model.preprocessor.defaultScale)
    else { return nil }
    let images = trial.isTransposed ? dataset.transposed() : dataset
    do {
      let outputs = try model.with(preprocessor).outputs(
        of: Array(0..<images.count), dataset: images, workers: workers, batchSize: nil)
      let classes = model.network.classCount
      return (0..<images.count).map {
        ClassScore.predictedClass(outputs[$0 * classes..<($0 + 1) * classes])
      }
    } catch is DatasetError {
      return nil
    } catch AuditRunError.notFinite {
      return nil
    }
  }

  /// Everything one change away, then everything one change away from the best of those, while that
  /// still gains.
  mutating func search(
    from start: Trial, _ usual: UsualReadings, mostChanges: Int
  ) throws -> [Answer] {
    let labels = dataset.labels ?? []
    var tried: [Answer] = []
    var known = [start]
    var current = start
    var best = 0
    for _ in 0..<mostChanges {
      for trial in usual.neighbours(of: current)
      where !known.contains(where: { $0.reads(as: trial) }) {
        known.append(trial)
        if let predicted = try predictions(trial) {
          tried.append(Answer(trial: trial, predicted: predicted))
        }
      }
      guard let leader = tried.max(by: { $0.correct(labels) < $1.correct(labels) }),
        leader.correct(labels) > best, leader.correct(labels) < labels.count
      else { break }
      best = leader.correct(labels)
      current = leader.trial
    }
    return tried
  }
}

extension UsualReadings {
  /// - Throws: `DatasetError` when an image cannot be read.
  init(_ model: AuditedModel, _ dataset: Dataset) throws {
    let input = model.network.input
    var sums = [Double](repeating: 0, count: input.channels)
    var squares = sums
    var count = 0.0
    var fits = true
    for index in 0..<dataset.count {
      let image = try dataset.image(at: index)
      fits = fits && image.height == input.height && image.width == input.width
      let values: [Double] =
        switch image.samples {
        case .bytes(let bytes): bytes.map { Double($0) / 255 }
        case .floats(let floats): floats.map { Double($0) / dataset.range.white }
        }
      for (element, value) in values.enumerated() {
        let c = min(element % image.channels, input.channels - 1)
        sums[c] += value
        squares[c] += value * value
      }
      count += Double(image.width * image.height)
    }
    let mean = sums.map { $0 / max(count, 1) }
    let std = zip(squares, mean).map { square, mean in
      max(square / max(count, 1) - mean * mean, 1e-6).squareRoot()
    }
    self.init(
      channels: input.channels, height: input.height, width: input.width, range: dataset.range,
      ofData: (mean, std), fits: fits, takesIntegers: input.elementType?.isInteger ?? false)
  }
}

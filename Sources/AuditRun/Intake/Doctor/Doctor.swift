import Audit
import Datasets
import Foundation
import Inference
import Statistics

/// Tries the usual other readings of a model and its images, and says what accuracy each gives.
package struct Doctor: Sendable {
  /// One reading with its accuracy.
  package struct Finding: Equatable, Sendable {
    /// What is different from the reading stated, in words.
    package let what: String
    /// Flags that, typed after the others, give this reading.
    package let flags: [String]
    /// Images that the model gets right when read so.
    package let correct: Int
    /// p of McNemar's exact test against the reading stated.
    package let p: Double
    let isRight: [Bool]
  }

  /// Images tried.
  package let images: Int
  package let classes: Int
  /// Correct as it is read now.
  package let correct: Int
  /// Other readings, best first.
  package let findings: [Finding]
  /// Whether the reading stated is itself no better than chance.
  package let isAtChance: Bool

  /// The most images that are tried, and the most work.
  private static let mostImages = 200
  private static let mostMultiplyAdds = 600e9
  private static let fewestImages = 40
  /// Changes that are combined.
  private static let mostChanges = 3

  /// Below it a reading counts as better, not luckier.
  package static let significance = 0.01

  /// Images of the most frequent class: what one answer for all gets right.
  package let mostFrequent: Int

  /// The simplest of the readings that are better than the one stated beyond doubt, and as good as the
  /// best of them within it; nil when the one stated is as good.
  package var cure: Finding? {
    let better = findings.filter { $0.correct > correct && $0.p < Doctor.significance }
    guard let best = better.first else { return nil }
    return better.filter { mcNemar($0.isRight, best.isRight) >= 0.05 }
      .min { ($0.flags.count, -$0.correct) < ($1.flags.count, -$1.correct) }
  }

  /// Whether these images can tell a right reading from a wrong one: they are of several classes, and
  /// the model is better than one answer for all, beyond chance.
  package var canTell: Bool {
    guard !isAtChance, mostFrequent < images,
      let interval = wilsonInterval(successes: correct, of: images)
    else { return false }
    return interval.low > Double(mostFrequent) / Double(images)
  }

  /// - Throws: `AuditRunError.noLabels`, or what reading the images throws.
  package init(_ intake: Intake, isTransposed: Bool, workers: Int) throws {
    let model = intake.models[0]
    guard intake.dataset.labels != nil else {
      throw AuditRunError.noLabels(path: intake.dataset.path)
    }
    let affordable = Int(Doctor.mostMultiplyAdds / Double(max(1, model.network.multiplyAdds * 60)))
    let limit = min(Doctor.mostImages, max(Doctor.fewestImages, affordable))
    let dataset = try Doctor.cached(intake.dataset, limit: limit)
    let labels = dataset.labels ?? []
    images = dataset.count
    classes = model.network.classCount

    var examination = Examination(model: model, dataset: dataset, workers: workers)
    let stated = Trial(
      preprocessing: model.preprocessor.preprocessing,
      defaultScale: model.preprocessor.defaultScale ?? 1 / 255)
    guard let base = try examination.predictions(stated) else {
      throw AuditRunError.noImages(path: dataset.path)
    }
    let right = zip(base, labels).map { $0 == $1 }
    correct = right.count { $0 }
    mostFrequent = Dictionary(grouping: labels) { $0 }.values.map(\.count).max() ?? 0
    isAtChance =
      Plausibility.doubt(
        model: model.name, predicted: base, dataset: dataset, classes: classes) != nil

    func finding(_ what: String, _ flags: [String], _ isRight: [Bool]) -> Finding {
      Finding(
        what: what, flags: flags, correct: isRight.count { $0 }, p: mcNemar(right, isRight),
        isRight: isRight)
    }
    let usual = try UsualReadings(model, dataset)
    func flags(_ trial: Trial) -> [String] {
      trial.flags(from: stated, isTransposedAlready: isTransposed)
    }
    let tried = try examination.search(from: stated, usual, mostChanges: Doctor.mostChanges)
    var found = tried.map { answer in
      finding(
        answer.trial.changes.joined(separator: "; "), flags(answer.trial),
        zip(answer.predicted, labels).map { $0 == $1 })
    }
    // Other names for the classes, under the reading stated and under the best of the others.
    let best = tried.max { $0.correct(labels) < $1.correct(labels) }
    for answer in [Examination.Answer(trial: stated, predicted: base)] + [best].compactMap({ $0 }) {
      for renaming in ClassRenaming.all(answer.predicted, dataset: dataset, classes: classes)
      where renaming.isRight.count(where: { $0 }) > answer.correct(labels) {
        found.append(
          finding(
            (answer.trial.changes + [renaming.what]).joined(separator: "; "),
            flags(answer.trial) + renaming.flags, renaming.isRight))
      }
    }
    findings = found.enumerated().sorted {
      ($0.element.correct, -$0.element.flags.count, -$0.offset)
        > ($1.element.correct, -$1.element.flags.count, -$1.offset)
    }.map(\.element)
  }

  /// Images spread evenly over the dataset, decoded once.
  private static func cached(_ dataset: Dataset, limit: Int) throws -> Dataset {
    let count = min(limit, dataset.count)
    let chosen = dataset.selecting((0..<count).map { $0 * dataset.count / count })
    let pictures = try (0..<count).map { try chosen.image(at: $0) }
    var cached = Dataset(
      path: chosen.path, format: chosen.format, identifiers: chosen.identifiers,
      labels: chosen.labels, classNames: chosen.classNames, range: chosen.range,
      decode: { pictures[$0] })
    cached.numericOrder = dataset.numericOrder
    cached.ownClasses = dataset.ownClasses
    return cached
  }
}

/// McNemar's exact test of two readings of the same images.
private func mcNemar(_ first: [Bool], _ second: [Bool]) -> Double {
  Statistics.mcNemar(
    lost: zip(first, second).count { $0 && !$1 }, gained: zip(first, second).count { !$0 && $1 })
}

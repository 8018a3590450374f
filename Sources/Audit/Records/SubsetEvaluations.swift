import SharedWork

/// What every model says of the q% subsets of every model, of images without their SIS, and of random
/// subsets of the audited images.
package struct SubsetEvaluations: Codable, Equatable, Sendable {
  /// One image's subset seen by one model.
  package struct Answer: Equatable, Sendable {
    /// The class predicted on the subset.
    package let predicted: Int
    /// Confidence for the class that the subset's own model predicts on the full image.
    package let confidence: Double

    package init(predicted: Int, confidence: Double) {
      self.predicted = predicted
      self.confidence = confidence
    }
  }

  /// Answers about many subsets, some of which may not exist.
  package struct Answers: Codable, Equatable, Sendable {
    private static let none = UInt32.max
    private var predicted: PackedNumbers<UInt32>
    private var confidence: PackedNumbers<Float>

    package init(_ answers: [Answer?]) {
      predicted = PackedNumbers(answers.map { $0.map { UInt32($0.predicted) } ?? Answers.none })
      confidence = PackedNumbers(answers.map { Float($0?.confidence ?? 0) })
    }

    package var count: Int { predicted.values.count }

    /// One about a subset that exists.
    package subscript(index: Int) -> Answer {
      precondition(predicted.values[index] != Answers.none, "no answer \(index)")
      return Answer(
        predicted: Int(predicted.values[index]), confidence: Double(confidence.values[index]))
    }

    /// nil where there is no such subset.
    package func ifAny(_ index: Int) -> Answer? {
      predicted.values[index] == Answers.none ? nil : self[index]
    }

    /// `per`: answers an image.
    fileprivate mutating func take(
      _ other: Answers, from sources: [Int], to targets: [Int], per: Int
    ) {
      for (source, target) in zip(sources, targets) {
        for row in 0..<per {
          predicted.values[target * per + row] = other.predicted.values[source * per + row]
          confidence.values[target * per + row] = other.confidence.values[source * per + row]
        }
      }
    }
  }

  /// `[source model][target model]`, by image: the source's q% subset shown to the target.
  package private(set) var transferred: [[Answers]]
  /// `[model]`, by image × threshold: the image with its SIS alone masked; nil where there is none of
  /// one pixel or more.
  package private(set) var withoutSIS: [Answers]
  /// `[model][draw]`, by image: 1 where the model is right on the image's random subset of the same
  /// size, which is the same for every model.
  package private(set) var randomRight: [[PackedNumbers<UInt8>]]

  package init(
    transferred: [[Answers]], withoutSIS: [Answers], randomRight: [[PackedNumbers<UInt8>]]
  ) {
    self.transferred = transferred
    self.withoutSIS = withoutSIS
    self.randomRight = randomRight
  }

  /// Of images of which nothing is known yet.
  init(count: Int, models: Int, thresholds: Int, draws: Int) {
    let answers = Answers([Answer?](repeating: nil, count: count))
    self.init(
      transferred: (0..<models).map { _ in (0..<models).map { _ in answers } },
      withoutSIS: (0..<models).map { _ in
        Answers([Answer?](repeating: nil, count: count * thresholds))
      },
      randomRight: (0..<models).map { _ in
        (0..<draws).map { _ in PackedNumbers([UInt8](repeating: 0, count: count)) }
      })
  }

  /// Takes over what others know.
  ///
  /// `places`: where each of their images lies here.
  mutating func set(_ other: SubsetEvaluations, at places: [Int]) {
    take(other, from: Array(places.indices), to: places)
  }

  /// Those about some images alone.
  func keeping(_ places: [Int]) -> SubsetEvaluations {
    let count = transferred.first?.first?.count ?? 0
    var kept = SubsetEvaluations(
      count: places.count, models: transferred.count,
      thresholds: (withoutSIS.first?.count ?? 0) / max(count, 1),
      draws: randomRight.first?.count ?? 0)
    kept.take(self, from: places, to: Array(places.indices))
    return kept
  }

  private mutating func take(
    _ other: SubsetEvaluations, from sources: [Int], to targets: [Int]
  ) {
    let count = other.transferred.first?.first?.count ?? 0
    for model in transferred.indices {
      for target in transferred.indices {
        transferred[model][target].take(
          other.transferred[model][target], from: sources, to: targets, per: 1)
      }
      withoutSIS[model].take(
        other.withoutSIS[model], from: sources, to: targets,
        per: other.withoutSIS[model].count / max(count, 1))
      for draw in randomRight[model].indices {
        for (source, target) in zip(sources, targets) {
          randomRight[model][draw].values[target] = other.randomRight[model][draw].values[source]
        }
      }
    }
  }

  /// Whether there is an answer for each of `count` images.
  func isWhole(count: Int, models: Int, thresholds: Int, draws: Int) -> Bool {
    transferred.count == models && withoutSIS.count == models && randomRight.count == models
      && transferred.allSatisfy { $0.count == models && $0.allSatisfy { $0.count == count } }
      && withoutSIS.allSatisfy { $0.count == count * thresholds }
      && randomRight.allSatisfy { $0.count == draws && $0.allSatisfy { $0.values.count == count } }
  }
}

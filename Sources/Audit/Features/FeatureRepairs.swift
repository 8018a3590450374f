import Statistics

/// What taking labelled components out of a model's logits changes: the same images before and after.
package struct FeatureRepairs: Codable, Equatable, Sendable {
  /// A number before and after.
  package struct Change: Codable, Equatable, Sendable {
    package let before: MeanEstimate
    package let after: MeanEstimate

    package init(before: MeanEstimate, after: MeanEstimate) {
      self.before = before
      self.after = after
    }
  }

  /// A component that was taken out.
  package struct Component: Codable, Equatable, Sendable {
    package let classIndex: Int
    package let name: String
    package let index: Int
    /// Of images of other classes, those that its regions turn, over donors; nil where none were pasted.
    @OrNull package var flipRate: Change?

    package init(classIndex: Int, name: String, index: Int, flipRate: Change?) {
      self.classIndex = classIndex
      self.name = name
      self.index = index
      self.flipRate = flipRate
    }

    package enum CodingKeys: String, CodingKey {
      case name, index
      case classIndex = "class"
      case flipRate = "flip_rate"
    }
  }

  /// Accuracy on images of one class.
  package struct Recall: Codable, Equatable, Sendable {
    package let classIndex: Int
    package let name: String
    package let recall: Change

    package init(classIndex: Int, name: String, recall: Change) {
      self.classIndex = classIndex
      self.name = name
      self.recall = recall
    }

    package enum CodingKeys: String, CodingKey {
      case name, recall
      case classIndex = "class"
    }
  }

  package let model: String
  /// Of the repaired file.
  package let sha256: String
  package let accuracy: Change
  /// Of classes that lost a component.
  package let recalls: [Recall]
  package let components: [Component]
  /// On spurious images, by class; empty where none were given.
  package let scoresBefore: [FeatureScores.Spurious]
  package let scoresAfter: [FeatureScores.Spurious]

  package init(
    model: String, sha256: String, accuracy: Change, recalls: [Recall], components: [Component],
    scoresBefore: [FeatureScores.Spurious], scoresAfter: [FeatureScores.Spurious]
  ) {
    self.model = model
    self.sha256 = sha256
    self.accuracy = accuracy
    self.recalls = recalls
    self.components = components
    self.scoresBefore = scoresBefore
    self.scoresAfter = scoresAfter
  }

  package enum CodingKeys: String, CodingKey {
    case model, sha256, accuracy, recalls, components
    case scoresBefore = "scores_before"
    case scoresAfter = "scores_after"
  }

  /// A line for each number.
  package var lines: [String] {
    func line(_ what: String, _ change: Change) -> String {
      "\(what): \(interval(change.before)) before, \(interval(change.after)) after"
    }
    let scores = zip(scoresBefore, scoresAfter).map { before, after in
      "\(before.name), \(before.negatives) spurious images: average precision "
        + "\(number(before.averagePrecision, decimals: 3)) before, "
        + "\(number(after.averagePrecision, decimals: 3)) after; taken for it "
        + "\(percent(before.taken.mean)) before, \(percent(after.taken.mean)) after"
    }
    return [line("Accuracy", accuracy)] + recalls.map { line("Recall of \($0.name)", $0.recall) }
      + components.compactMap { component in
        component.flipRate.map {
          line("Turned by regions of \(component.name), component \(component.index)", $0)
        }
      } + scores
  }
}

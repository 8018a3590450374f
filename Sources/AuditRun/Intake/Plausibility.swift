import Audit
import Datasets
import Statistics

/// Whether a model's accuracy says that it was read right.
package enum Plausibility {
  /// Fewer images say nothing about chance.
  private static let fewestImages = 30

  /// How often chance's share an accuracy must be able to reach.
  private static let factor = 1.5

  /// What speaks against the reading; nil when nothing does.
  ///
  /// Accuracy that is not above chance: Wilson's upper bound below 1.5 / classes, no image right at all,
  /// or the same class for all images of several, on 30 images or more. And class names that fit better sorted as numbers than as strings.
  ///
  /// `predicted`: one class per image of the dataset.
  package static func doubt(
    model: String, predicted: [Int], dataset: Dataset, classes: Int
  ) -> AuditRunError? {
    guard let labels = dataset.labels, !labels.isEmpty else { return nil }
    let correct = zip(predicted, labels).count { $0 == $1 }
    let n = labels.count
    if let order = dataset.numericOrder {
      let otherwise = zip(predicted, labels).count { $0 == order[$1] }
      let lost = zip(predicted, labels).count { $0 == $1 && $0 != order[$1] }
      if otherwise > correct, mcNemar(lost: lost, gained: otherwise - correct + lost) < 0.01 {
        return .classOrders(
          "class names sorted as strings (1, 10, 2) give '\(model)' an accuracy of "
            + "\(share(correct, n)), sorted as numbers \(share(otherwise, n)). State --class-order "
            + "numeric, or --class-order sorted to keep the strings' order")
      }
    }
    // A network fed what it does not expect often says the same of everything.
    let saysOneThing = Set(predicted).count == 1 && Set(labels).count > 1
    guard n >= fewestImages, let interval = wilsonInterval(successes: correct, of: n),
      interval.high < factor / Double(classes) || correct == 0 || saysOneThing
    else { return nil }
    return .chance(
      model: model, accuracy: "\(share(correct, n)) (\(correct) of \(n))", classes: classes)
  }

  private static func share(_ count: Int, _ total: Int) -> String {
    percent(Double(count) / Double(total))
  }
}

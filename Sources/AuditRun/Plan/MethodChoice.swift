import Audit
import Inference
import SufficientInputSubsets

/// Chooses between *guided* and *floating* BackSelect by what *guided* would take.
///
/// Nothing of the machine enters: sizes of different methods are not comparable, so that the same
/// models and data need the same method everywhere.
package enum MethodChoice {
  /// Multiply-adds of one image above which *guided* is too dear: some ten seconds of one core, of which
  /// computing only what a masked pixel reaches saves a part.
  static let limit = 1e12

  /// The method for images of one size.
  ///
  /// `units`: what an image is masked in.
  ///
  /// `multiplyAdds`: of one forward pass of each model.
  ///
  /// Returns the method and why, as the end of "chosen because …".
  package static func method(
    units: Int, multiplyAdds: [Int]
  ) -> (method: AuditSettings.Method, reason: String) {
    let cost = BackSelectMethod.floating(.fine).plannedCost(
      units: units, thresholds: 0)
    // A gradient takes about as long as three evaluations.
    let evaluations = cost.evaluations + 3 * cost.gradients
    let largest = multiplyAdds.max() ?? 0
    let passes =
      "guided BackSelect would take some \(roundedToTwoDigits(evaluations)) passes of the network an "
      + "image (\(units) units, \(roundedToTwoDigits(largest / 1_000_000)) million multiply-adds a pass)"
    return Double(evaluations) * Double(largest) <= limit
      ? (.guided, passes + ", which is affordable") : (.floating, passes)
  }

  private static func roundedToTwoDigits(_ number: Int) -> Int {
    var unit = 1
    while number / unit >= 100 { unit *= 10 }
    return (number + unit / 2) / unit * unit
  }
}

extension AuditSettings {
  /// Takes the method that fits the models where none was stated.
  package mutating func chooseMethod(for models: [AuditedModel]) {
    let input = models[0].network.input
    let chosen = MethodChoice.method(
      units: unit.count(rows: input.height, columns: input.width),
      multiplyAdds: models.map(\.network.multiplyAdds))
    (method, methodReason) = (chosen.method, chosen.reason)
  }
}

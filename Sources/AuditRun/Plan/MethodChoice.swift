import Audit
import Inference
import SufficientInputSubsets

/// Chooses between *exact*, *guided*, *floating* and *quick* BackSelect by what they would take.
///
/// Nothing of the machine enters: sizes of different methods are not comparable, so that the same
/// models and data need the same method everywhere.
package enum MethodChoice {
  /// Multiply-adds of one image above which *guided* and *floating* are too dear: ten to thirty seconds of
  /// one core, of which computing only what a masked pixel reaches saves *guided* a part.
  static let limit = 1e12

  /// *Exact* is taken up to this many times the work of *guided*: among few units, some hundred, a search
  /// that looks at a part of them saves little and now and then ends in a subset twice as large.
  static let exactShare = 2.0

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
    let exact = passes(.exact, units: units)
    let guided = passes(.floating(.fine), units: units)
    let largest = multiplyAdds.max() ?? 0
    func isAffordable(_ passes: Int) -> Bool { Double(passes) * Double(largest) <= limit }
    func would(_ method: String, _ passes: Int) -> String {
      "\(method) BackSelect would take some \(roundedToTwoDigits(passes)) passes of the network an "
        + "image (\(units) units, \(roundedToTwoDigits(largest / 1_000_000)) million multiply-adds a pass)"
    }
    if Double(exact) <= exactShare * Double(guided) && isAffordable(exact) {
      return (.exact, would("exact", exact) + ", about as many as guided’s")
    }
    if isAffordable(guided) { return (.guided, would("guided", guided) + ", which is affordable") }
    let floating = passes(.floating(.coarse), units: units)
    return isAffordable(floating)
      ? (.floating, would("guided", guided)) : (.quick, would("floating", floating))
  }

  /// Forward passes that a search takes; a gradient takes about as long as three.
  private static func passes(_ method: BackSelectMethod, units: Int) -> Int {
    let cost = method.plannedCost(units: units, thresholds: 0)
    return cost.evaluations + 3 * cost.gradients
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

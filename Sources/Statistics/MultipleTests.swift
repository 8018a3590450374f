/// Which of several hypotheses can be rejected so that no more than a share of the rejections is expected to
/// be false.
///
/// Benjamini and Hochberg, "Controlling the false discovery rate" (1995).
///
/// `pValues`: independent, or positively dependent.
package func benjaminiHochberg(_ pValues: [Double], falseDiscoveryRate rate: Double) -> [Bool] {
  let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
  let last = order.indices.last { rank in
    pValues[order[rank]] <= rate * Double(rank + 1) / Double(pValues.count)
  }
  var isRejected = pValues.map { _ in false }
  guard let last else { return isRejected }
  for index in order[...last] { isRejected[index] = true }
  return isRejected
}

/// The probability of means at least so far apart if the first were no more than a multiple of the second.
///
/// Welch's *t* for first − factor · second, one-sided, with Satterthwaite's degrees of freedom.
///
/// `resolution`: the least difference that values can show; they are taken to vary by no less.
///
/// Returns nil for fewer than two values in a group.
package func excessProbability(
  of first: [Double], over second: [Double], factor: Double = 1, resolution: Double = 0
) -> Double? {
  guard first.count > 1, second.count > 1 else { return nil }
  func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
  func variance(_ values: [Double]) -> Double {
    let mean = mean(values)
    let own = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    return max(own, resolution * resolution / 12)
  }
  let parts = [
    variance(first) / Double(first.count),
    factor * factor * variance(second) / Double(second.count),
  ]
  let difference = mean(first) - factor * mean(second)
  let sum = parts[0] + parts[1]
  guard sum > 0 else { return difference > 0 ? 0 : 1 }
  let freedom =
    sum * sum
    / (parts[0] * parts[0] / Double(first.count - 1) + parts[1] * parts[1]
      / Double(second.count - 1))
  return 1 - StudentT.cumulative(difference / sum.squareRoot(), degreesOfFreedom: freedom)
}

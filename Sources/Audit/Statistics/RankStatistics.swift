/// The probability that a value of `positives` exceeds one of `negatives`, ties counting half: the
/// area under the ROC curve.
///
/// Nil when a group is empty.
package func areaUnderROC(positives: [Double], negatives: [Double]) -> Double? {
  guard !positives.isEmpty, !negatives.isEmpty else { return nil }
  let ranked = (positives.map { ($0, true) } + negatives.map { ($0, false) })
    .sorted { $0.0 < $1.0 }
  var rankSum = 0.0
  var start = 0
  while start < ranked.count {
    var end = start
    while end < ranked.count, ranked[end].0 == ranked[start].0 { end += 1 }
    let rank = Double(start + 1 + end) / 2
    rankSum += rank * Double(ranked[start..<end].count { $0.1 })
    start = end
  }
  let (p, n) = (Double(positives.count), Double(negatives.count))
  return (rankSum - p * (p + 1) / 2) / (p * n)
}

/// The 95% interval of an area under the ROC curve; nil where it has no spread.
///
/// Hanley and McNeil (1982), cut at 0 and 1.
package func areaInterval(
  _ area: Double, positives: Int, negatives: Int
) -> (low: Double, high: Double)? {
  guard positives > 1, negatives > 1, area > 0, area < 1 else { return nil }
  let (p, n) = (Double(positives), Double(negatives))
  let twoPositives = area / (2 - area) - area * area
  let twoNegatives = 2 * area * area / (1 + area) - area * area
  let variance =
    (area * (1 - area) + (p - 1) * twoPositives + (n - 1) * twoNegatives) / (p * n)
  let half = 1.959_963_984_540_054 * max(variance, 0).squareRoot()
  return (max(0, area - half), min(1, area + half))
}

/// Wilson's 95% interval for a proportion.
package func wilsonInterval(successes: Int, of n: Int) -> (low: Double, high: Double)? {
  wilsonInterval(proportion: Double(successes) / Double(max(n, 1)), of: n)
}

/// Wilson's 95% interval for a proportion; nil without observations.
package func wilsonInterval(proportion p: Double, of n: Int) -> (low: Double, high: Double)? {
  guard n > 0 else { return nil }
  let z = 1.959_963_984_540_054
  let n = Double(n)
  let center = p + z * z / (2 * n)
  let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
  let scale = 1 + z * z / n
  return (max(0, (center - half) / scale), min(1, (center + half) / scale))
}

/// The area under the precision-recall curve: the mean precision at each positive.
///
/// Over distinct scores, descending: Σ (recallᵢ − recallᵢ₋₁) · precisionᵢ, without interpolation, so that
/// equal scores enter together and their order does not matter (scikit-learn's `average_precision_score`).
///
/// Returns nil without a positive.
package func averagePrecision(positives: [Double], negatives: [Double]) -> Double? {
  guard !positives.isEmpty else { return nil }
  let scores =
    (positives.map { (score: $0, isPositive: true) } + negatives.map { ($0, false) })
    .sorted { $0.score > $1.score }
  var (found, seen, sum) = (0, 0, 0.0)
  var index = 0
  while index < scores.count {
    let score = scores[index].score
    let before = found
    while index < scores.count, scores[index].score == score {
      found += scores[index].isPositive ? 1 : 0
      seen += 1
      index += 1
    }
    sum += Double(found - before) * Double(found) / Double(seen)
  }
  return sum / Double(positives.count)
}

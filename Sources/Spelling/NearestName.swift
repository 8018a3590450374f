/// The candidate that a mistyped name most likely meant, when one is near enough.
///
/// Nearness is the number of letters to change, add, drop or swap with their neighbour, without regard to
/// case, at most a third of the length.
package func nearest(to name: String, among candidates: [String]) -> String? {
  let scored = candidates.map { ($0, editDistance(name.lowercased(), $0.lowercased())) }
  guard let best = scored.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else { return nil }
  return best.1 <= max(1, name.count / 3) ? best.0 : nil
}

/// Damerau and Levenshtein's distance, no letter changed twice.
private func editDistance(_ left: String, _ right: String) -> Int {
  let left = Array(left)
  let right = Array(right)
  var before = [Int](repeating: 0, count: right.count + 1)
  var row = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var next = [i + 1]
    for (j, b) in right.enumerated() {
      var distance = min(row[j] + (a == b ? 0 : 1), row[j + 1] + 1, next[j] + 1)
      if i > 0, j > 0, a == right[j - 1], b == left[i - 1] {
        distance = min(distance, before[j - 1] + 1)
      }
      next.append(distance)
    }
    before = row
    row = next
  }
  return row[right.count]
}

/// Which positions have the highest values, and whether position decided.
struct Choice: Equatable {
  /// Positions, in the order they were chosen.
  let positions: [Int]
  /// Whether the highest value left out counts as equal to the last one chosen.
  let isTied: Bool

  /// Chooses one after another: of all values no further than `resolution` below the highest one
  /// left, that with the lowest position.
  ///
  /// What counts as equal is told from the highest value alone, so that ties need not be transitive.
  ///
  /// - Complexity: O(*n* log *n*), and O(*n* · `count`) where most values are tied.
  init(highest count: Int, of values: [Double], resolution: Double) {
    let ranked = values.indices.sorted { left, right in
      values[left] != values[right] ? values[left] > values[right] : left < right
    }
    var isTaken = [Bool](repeating: false, count: values.count)
    var head = 0
    var chosen: [Int] = []
    func skipTaken() {
      while head < ranked.count, isTaken[ranked[head]] { head += 1 }
    }
    while chosen.count < min(count, ranked.count) {
      skipTaken()
      let limit = values[ranked[head]] - resolution
      let tied = ranked[head...].prefix { values[$0] >= limit }
      let position = tied.reduce(ranked[head]) { isTaken[$1] ? $0 : min($0, $1) }
      isTaken[position] = true
      chosen.append(position)
    }
    skipTaken()
    positions = chosen
    isTied =
      head < ranked.count && !chosen.isEmpty
      && (values[ranked[head]] - values[chosen[chosen.count - 1]]).magnitude <= resolution
  }

  /// Chooses the evaluations with the highest scores.
  init(best count: Int, of evaluations: [Evaluation]) {
    let best = evaluations.max { $0.score < $1.score }
    self.init(
      highest: count, of: evaluations.map(\.score), resolution: best?.resolution ?? 0)
  }
}

/// The `count` pixels with the highest mask gradient, highest first.
///
/// Gradients that differ by no more than Float32 can tell, beside the largest of them, are tied; ties
/// go to the lowest index. `pixels`: ascending.
func highest(_ count: Int, of pixels: [Int], by gradient: [Float]) -> [Int] {
  let values = pixels.map { Double(gradient[$0]) }
  let largest = values.reduce(0) { max($0, $1.magnitude) }
  let choice = Choice(
    highest: count, of: values, resolution: largest * Evaluation.relativeResolution)
  return choice.positions.map { pixels[$0] }
}

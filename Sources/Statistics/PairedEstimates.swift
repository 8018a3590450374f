extension MeanEstimate {
  /// The change of a share, image by image: gained minus lost over all.
  ///
  /// Bonett and Price (2012): Wald's interval with one more image on each side, so that few changes,
  /// or none, leave it open.
  ///
  /// - Returns: Nil without images.
  package init?(lost: Int, gained: Int, of n: Int) {
    guard n > 0 else { return nil }
    let mean = Double(gained - lost) / Double(n)
    let interval = changeInterval(lost: lost, gained: gained, of: n)
    let squares = Double(gained + lost) / Double(n) - mean * mean
    self.init(
      n: n, mean: mean,
      std: n > 1 ? (max(0, squares) * Double(n) / Double(n - 1)).squareRoot() : nil,
      low: interval.low, high: interval.high)
  }

  /// The mean difference of pairs that share controls.
  ///
  /// Student's *t* over controls: all pairs of one control count as one observation (a cluster).
  ///
  /// - Returns: Nil without pairs; without interval for fewer than `fewestControls`.
  package init?(pairs: [(difference: Double, control: Int)]) {
    guard !pairs.isEmpty else { return nil }
    let n = Double(pairs.count)
    let mean = pairs.reduce(0) { $0 + $1.difference } / n
    let squares = pairs.reduce(0) { $0 + ($1.difference - mean) * ($1.difference - mean) }
    let std = pairs.count > 1 ? (squares / (n - 1)).squareRoot() : nil
    let clusters = Dictionary(grouping: pairs, by: \.control).sorted { $0.key < $1.key }.map(
      \.value)
    // A control of many pairs pulls the mean towards its own (Bell and McCaffrey 2002).
    let variance = clusters.reduce(0) { sum, members in
      let deviation = members.reduce(0) { $0 + $1.difference - mean }
      let left = n - Double(members.count)
      return sum + (left > 0 ? deviation * deviation / (left * n) : .infinity)
    }
    // Few controls of many pairs count for less.
    let sizes = clusters.map { Double($0.count * $0.count) }
    let total = sizes.reduce(0, +)
    let freedom = total * total / sizes.reduce(0) { $0 + $1 * $1 } - 1
    guard freedom >= MeanEstimate.fewestControls - 1, variance > 1e-24 * (1 + mean * mean) else {
      self.init(n: pairs.count, mean: mean, std: std, low: nil, high: nil)
      return
    }
    let half =
      StudentT.quantile(IntervalLevel.current.upper, degreesOfFreedom: freedom)
      * variance.squareRoot()
    self.init(n: pairs.count, mean: mean, std: std, low: mean - half, high: mean + half)
  }

  /// With fewer controls the variance between them is too uncertain.
  package static let fewestControls = 3.0
}

extension MeanEstimate {
  /// The mean of `first` minus `second`, both in 0...1 and of the same images.
  ///
  /// On each side the farther of two bounds: Student's *t* on the linearised variance, which is too
  /// short for skewed differences; and the two means' own intervals put together by squares in each
  /// stratum, less what their correlation takes away (MOVER; Zou 2007, after Newcombe 1998), which is
  /// too short for means that go together closely. Where all differences are 0 or 1
  /// in size, the strata have Bonett and Price's intervals.
  ///
  /// `areExtreme`: as for `init(shares:areExtreme:)`, of `second`.
  ///
  /// - Returns: Nil without observations; without interval where fewer than six differences are not 0,
  ///   unless all are 0 or 1 in size.
  package init?(
    differencesOf observations: [(first: Double, second: Double, unit: SampleUnit)],
    areExtreme: Bool = false
  ) {
    guard let domain = Domain(observations.map { ($0.0 - $0.1, $0.2) }) else { return nil }
    guard domain.count >= MeanEstimate.fewest else {
      self.init(domain, nil)
      return
    }
    let changes = domain.parts.flatMap(\.values).filter { $0 != 0 }
    let interval: (low: Double, high: Double)
    guard changes.count >= MeanEstimate.fewestChanges || changes.allSatisfy({ abs($0) == 1 }) else {
      self.init(domain, nil)
      return
    }
    if changes.allSatisfy({ abs($0) == 1 }) {
      interval = domain.combined { changeInterval($0.values) }
    } else {
      let strata = Dictionary(grouping: observations, by: \.unit.stratum)
      let paired = domain.combined {
        pairedInterval(strata[$0.unit.stratum] ?? [], areExtreme: areExtreme)
      }
      let student = domain.studentInterval ?? paired
      interval = (min(paired.low, student.low), max(paired.high, student.high))
    }
    self.init(domain, (max(-1, interval.low), min(1, interval.high)))
  }

  /// With fewer changes their size is not known.
  private static let fewestChanges = 6
}

/// MOVER for the difference of two means over one stratum.
private func pairedInterval(
  _ members: [(first: Double, second: Double, unit: SampleUnit)], areExtreme: Bool
) -> (low: Double, high: Double) {
  guard let a = Domain(members.map { ($0.0, $0.2) })?.parts[0],
    let b = Domain(members.map { ($0.1, $0.2) })?.parts[0]
  else { return (-1, 1) }
  let products = members.reduce(0) { $0 + ($1.0 - a.mean) * ($1.1 - b.mean) }
  let scale = (a.squares * b.squares).squareRoot()
  let correlation = scale > 0 ? products / scale : 0
  let (one, two) = (a.wilson, areExtreme ? b.widest : b.wilson)
  func length(_ x: Double, _ y: Double) -> Double {
    max(0, x * x + y * y - 2 * correlation * x * y).squareRoot()
  }
  let difference = a.mean - b.mean
  return (
    difference - length(a.mean - one.low, two.high - b.mean),
    difference + length(one.high - a.mean, b.mean - two.low)
  )
}

/// Bonett and Price (2012): Wald's interval with one more change on each side, so that few changes, or
/// none, leave it open.
private func changeInterval(_ changes: [Double]) -> (low: Double, high: Double) {
  changeInterval(
    lost: changes.count { $0 < 0 }, gained: changes.count { $0 > 0 }, of: changes.count)
}

private func changeInterval(lost: Int, gained: Int, of n: Int) -> (low: Double, high: Double) {
  let count = Double(n) + 2
  let (down, up) = (Double(lost + 1) / count, Double(gained + 1) / count)
  let center = up - down
  let half = normalQuantile * ((up + down - center * center) / count).squareRoot()
  return (max(-1, center - half), min(1, center + half))
}

/// How much of the accuracy that full images add to random pixels a chosen subset recovers:
/// (subset − random) / (full − random), all three over the same images, with Fieller's interval.
///
/// 1 where subsets are as good as the image, 0 where they are no better than random pixels.
package struct RecoveredEstimate: Equatable, Sendable {
  /// One image: right (1) or wrong (0) on the full image and on the subset, and the share of random
  /// subsets on which it is right.
  package struct Observation {
    package let full: Double
    package let subset: Double
    package let random: Double
    package let unit: SampleUnit

    package init(full: Double, subset: Double, random: Double, unit: SampleUnit) {
      self.full = full
      self.subset = subset
      self.random = random
      self.unit = unit
    }
  }

  package let n: Int
  package let share: Double
  /// Bounds of the interval, cut at what accuracies of 0 and 1 on subsets would give; nil where it
  /// holds all of that.
  package let low: Double?
  package let high: Double?

  /// - Returns: Nil for fewer than four images, and where full images do not surely add anything.
  package init?(_ observations: [Observation]) {
    guard observations.count >= MeanEstimate.fewest,
      let subset = Domain(observations.map { ($0.subset, $0.unit) }),
      let full = Domain(observations.map { ($0.full, $0.unit) }),
      let random = Domain(observations.map { ($0.random, $0.unit) }),
      let difference = Domain(observations.map { ($0.subset - $0.full, $0.unit) }),
      let estimate = RatioEstimate(
        paired: observations.map { ($0.subset - $0.random, $0.full - $0.random, $0.unit) },
        extra: max(subset.missingShareVariance, difference.missingDifferenceVariance)),
      full.mean > random.mean
    else { return nil }
    n = observations.count
    share = estimate.ratio
    let added = full.mean - random.mean
    let least = -random.mean / added
    let most = (1 - random.mean) / added
    let tellsNothing = estimate.low <= least && estimate.high >= most
    low = tellsNothing ? nil : max(least, estimate.low)
    high = tellsNothing ? nil : min(most, estimate.high)
  }
}

extension Domain {
  /// What the variance of a paired difference of shares lacks in strata where no image makes one: that
  /// with half an image more of each of the four kinds (Agresti and Min 2005).
  var missingDifferenceVariance: Double {
    parts.filter { $0.values.allSatisfy { $0 == 0 } }.reduce(0) { sum, part in
      let count = Double(part.count) + 2
      return sum + part.share * part.share / (count * count)
    }
  }

  /// What the variance of a share lacks where observations agree more than their number lets one
  /// believe: that with two more of each kind in each stratum is the least
  /// (Agresti and Coull 1998).
  var missingShareVariance: Double {
    parts.reduce(0) { sum, part in
      let count = Double(part.count) + 4
      let p = (part.mean * Double(part.count) + 2) / count
      return sum
        + max(0, part.share * part.share * p * (1 - p) / count - varianceWithin(part))
    }
  }
}

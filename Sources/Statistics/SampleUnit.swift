/// What an observation stands for in a stratified sample.
///
/// Everything is estimated for *further images of the same kind*: the dataset is itself taken as a
/// random sample of them, so its strata have random sizes, and auditing all of it leaves an interval.
package struct SampleUnit: Equatable, Sendable {
  package let stratum: Int
  /// Images of the stratum that were taken, whether or not they have a value.
  package let sampled: Int
  /// Images of the stratum in the dataset.
  package let population: Int

  package init(stratum: Int, sampled: Int, population: Int) {
    precondition(
      sampled > 0 && population >= sampled, "\(sampled) sampled of \(population) images")
    self.stratum = stratum
    self.sampled = sampled
    self.population = population
  }

  /// Images of the dataset that it stands for.
  package var weight: Double { Double(population) / Double(sampled) }

  /// One of `count` observations drawn at random.
  package static func simple(of count: Int) -> SampleUnit {
    SampleUnit(stratum: 0, sampled: count, population: count)
  }
}

/// Values of some images of a stratified sample: a domain in the sense of survey sampling.
///
/// The mean is the ratio estimator Σ w y / Σ w. Its variance, linearised, has two parts: of the values
/// within strata, and of how much of the domain falls into each stratum, which is random as well.
/// Särndal, Swensson and Wretman, *Model Assisted Survey Sampling* (1992), 5.6, 9.4 and 10.3.
struct Domain {
  struct Part {
    let unit: SampleUnit
    let values: [Double]
    /// Share of the domain in this stratum.
    let share: Double
    let mean: Double

    var count: Int { values.count }

    /// Σ (y − mean)².
    var squares: Double { values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } }
  }

  let parts: [Part]
  let mean: Double

  /// - Returns: Nil without observations.
  init?(_ observations: [(Double, SampleUnit)]) {
    guard !observations.isEmpty else { return nil }
    let total = observations.reduce(0) { $0 + $1.1.weight }
    let strata = Dictionary(grouping: observations, by: \.1.stratum).sorted { $0.key < $1.key }
    parts = strata.map { _, members in
      let unit = members[0].1
      let values = members.map(\.0)
      return Part(
        unit: unit, values: values, share: Double(values.count) * unit.weight / total,
        mean: values.reduce(0, +) / Double(values.count))
    }
    mean = parts.reduce(0) { $0 + $1.share * $1.mean }
  }

  var count: Int { parts.reduce(0) { $0 + $1.count } }

  /// How far a stratum moves the mean.
  func pull(_ part: Part) -> Double { part.share * (part.mean - mean) }

  /// Variance because the domain's share of each stratum, and each stratum's of all images, is random.
  var varianceOfShares: Double {
    parts.reduce(0) { sum, part in
      let pull = pull(part)
      return sum + pull * pull
        * (1 / Double(part.count) - 1 / Double(part.unit.sampled)
          + 1 / Double(part.unit.population))
    }
  }

  /// Variance of the mean because values differ within a stratum.
  ///
  /// A single observation counts with its whole deviation from the mean.
  func varianceWithin(_ part: Part) -> Double {
    let size = part.share * part.share
    guard part.count > 1 else { return size * (part.mean - mean) * (part.mean - mean) }
    let count = Double(part.count)
    return size * part.squares / (count - 1) / count
  }

  /// Variance of the mean, and its degrees of freedom by Satterthwaite (1946).
  var variance: (variance: Double, degreesOfFreedom: Double) {
    let within = parts.map(varianceWithin)
    let variance = within.reduce(0, +) + varianceOfShares
    let uncertainty = zip(within, parts).reduce(0) { sum, part in
      sum + part.0 * part.0 / Double(max(1, part.1.count - 1))
    }
    let freedom = uncertainty > 0 ? variance * variance / uncertainty : .infinity
    return (variance, min(freedom, Double(max(1, count - 1))))
  }
}

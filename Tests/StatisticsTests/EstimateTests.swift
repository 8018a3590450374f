import Foundation
import Statistics
import Testing

/// Expected numbers come from SciPy 1.17, or by hand.
@Suite struct EstimateTests {
  @Test func `Student's t quantiles agree with tables`() {
    for (freedom, expected) in [
      (1.0, 12.7062047362), (2, 4.30265273), (10, 2.22813885), (29.5, 2.04372497),
      (1000, 1.96233908),
    ] {
      #expect(abs(StudentT.quantile(0.975, degreesOfFreedom: freedom) - expected) < 1e-7)
    }
    #expect(abs(StudentT.cumulative(-1.5, degreesOfFreedom: 4) - 0.104) < 1e-9)
  }

  @Test func `The interval of a plain mean is Student's`() throws {
    let estimate = try #require(MeanEstimate([1, 2, 3, 4, 10]))
    #expect(estimate.n == 5 && estimate.mean == 4)
    #expect(abs((estimate.std ?? 0) - 3.5355339) < 1e-6)
    #expect(abs((estimate.low ?? 0) - (-0.3899451654)) < 1e-9)
    #expect(MeanEstimate([7])?.high == nil)
    #expect(MeanEstimate([Double]()) == nil)
  }

  @Test func `Wilson's interval`() throws {
    let interval = try #require(wilsonInterval(successes: 9, of: 10))
    #expect(abs(interval.low - 0.595850) < 1e-5)
    #expect(abs(interval.high - 0.982124) < 1e-5)
    let simple = MeanEstimate(
      shares: (0..<10).map { ($0 < 9 ? 1.0 : 0, SampleUnit.simple(of: 10)) })
    #expect(abs((simple?.low ?? 0) - interval.low) < 1e-12)
    #expect(abs((simple?.high ?? 0) - interval.high) < 1e-12)
  }

  @Test func `Strata that each agree leave the interval open`() throws {
    // Three images of 99 that are all wrong, three of 901 that are all right.
    let units = (
      SampleUnit(stratum: 0, sampled: 3, population: 99),
      SampleUnit(stratum: 1, sampled: 3, population: 901)
    )
    let values = [0.0, 0, 0].map { ($0, units.0) } + [1.0, 1, 1].map { ($0, units.1) }
    let estimate = try #require(MeanEstimate(shares: values))
    #expect(abs(estimate.mean - 0.901) < 1e-12)
    // Three of three are at least 43.8% by Wilson: 0.901 − 0.901 · 0.562 and a little.
    #expect(abs((estimate.low ?? 0) - 0.394) < 0.01)
    #expect((estimate.high ?? 0) > 0.95)
  }

  @Test func `Fieller's interval of a ratio`() throws {
    // By hand: 3 and 2, variances of the means 0.5 / 3 each, independent groups of one sample.
    let unit = (
      SampleUnit(stratum: 0, sampled: 4, population: 4),
      SampleUnit(stratum: 1, sampled: 4, population: 4)
    )
    let above = [2.0, 3, 3, 4].map { ($0, unit.0) }
    let below = [1.0, 2, 2, 3].map { ($0, unit.1) }
    let ratio = try #require(RatioEstimate(above, over: below))
    #expect(abs(ratio.ratio - 1.5) < 1e-12 && ratio.n == 8)
    // Each bound solves (3 − 2ρ)² = t² (1 + ρ²) v.
    for bound in [ratio.low, ratio.high] {
      let t = abs(3 - 2 * bound) / ((1 + bound * bound) / 6).squareRoot()
      #expect(t > 2.2 && t < 3.2)
    }
    #expect(RatioEstimate(above, over: [-1.0, 1, -2, 2.5].map { ($0, unit.1) }) == nil)
    #expect(RatioEstimate(above, over: Array(below.prefix(3))) == nil)
    #expect(RatioEstimate(above, over: [2.0, 2, 2, 2].map { ($0, unit.1) }) == nil)
  }

  @Test func `AUROC counts ties half`() {
    func area(_ positives: [Double], _ negatives: [Double]) -> Double? {
      AreaEstimate(positives: positives, negatives: negatives)?.area
    }
    #expect(area([3, 4], [1, 2]) == 1)
    #expect(area([1, 1], [1]) == 0.5)
    #expect(area([2, 1], [1, 3]) == 0.375)
    #expect(area([], [1]) == nil)
  }

  @Test func `AUROC weighs images by what they stand for`() throws {
    let few = SampleUnit(stratum: 0, sampled: 2, population: 2)
    let many = SampleUnit(stratum: 1, sampled: 1, population: 9)
    // Nine above for each one below.
    let area = try #require(
      AreaEstimate(positives: [(3, many), (1, few)], negatives: [(2, few)]))
    #expect(abs(area.area - 0.9) < 1e-12 && area.low == nil)
  }

  @Test func `AUROC of groups wholly apart stays open`() throws {
    let apart = try #require(
      AreaEstimate(
        positives: (10..<20).map { Double($0) }, negatives: (0..<10).map { Double($0) }))
    // As ten of ten by Wilson.
    #expect(apart.area == 1 && abs((apart.low ?? 0) - 0.7225) < 1e-3 && (apart.high ?? 0) > 0.999)
  }

  @Test func `The exact McNemar test is the binomial probability of a split so uneven`() {
    // 0 of 5: 2 · (1/2)^5; 2 of 8: 2 · (1 + 8 + 28) / 256.
    #expect(abs(mcNemar(lost: 0, gained: 5) - 2.0 / 32) < 1e-12)
    #expect(abs(mcNemar(lost: 6, gained: 2) - 2 * 37.0 / 256) < 1e-12)
    #expect(mcNemar(lost: 0, gained: 0) == 1)
    #expect(mcNemar(lost: 7, gained: 7) == 1)
  }

  @Test func `What an estimate lacks is stated as null`() throws {
    let data = try JSONEncoder().encode(MeanEstimate([3]))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    #expect(Set((object ?? [:]).keys) == ["n", "mean", "std", "low", "high"])
    #expect(object?["low"] is NSNull)
    #expect(try JSONDecoder().decode(MeanEstimate.self, from: data) == MeanEstimate([3]))
  }
}

@Suite struct MedianEstimateTests {
  @Test func `The median's interval holds the middle of a distribution`() throws {
    // 1…99, simple random sampling: ranks 50 ± 1.96 · 5 or so.
    let median = try #require(MedianEstimate((1...99).map { Double($0) }))
    #expect(median.median == 50)
    #expect((39...42).contains(median.low ?? 0) && (58...61).contains(median.high ?? 0))
  }

  @Test func `Values count as the images they stand for`() throws {
    let few = SampleUnit(stratum: 0, sampled: 5, population: 5)
    let many = SampleUnit(stratum: 1, sampled: 3, population: 90)
    let values = [1.0, 1, 1, 1, 1].map { ($0, few) } + [7.0, 8, 9].map { ($0, many) }
    #expect(MedianEstimate(values)?.median == 8)
  }

  @Test func `Ties leave the interval as wide as the number of values allows`() throws {
    let values = [Double](repeating: 0.01, count: 5) + [Double](repeating: 0.02, count: 7)
    let median = try #require(MedianEstimate(values))
    #expect(median.median == 0.02 && median.low == 0.01 && median.high == 0.02)
  }

  @Test func `Fewer than six values have no interval, and equal ones none to speak of`() throws {
    #expect(try #require(MedianEstimate([3])).low == nil)
    #expect(try #require(MedianEstimate([1, 2, 3, 4, 5])).high == nil)
    let equal = try #require(MedianEstimate([3, 3, 3, 3, 3, 3]))
    #expect(equal.low == 3 && equal.high == 3)
    #expect(MedianEstimate([Double]()) == nil)
  }
}

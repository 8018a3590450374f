import Audit
import Testing

/// Expected numbers come from SciPy 1.17.
@Suite struct StatisticsTests {
  @Test func `Student's t quantiles agree with tables`() {
    for (freedom, expected) in [
      (1.0, 12.7062047362), (2, 4.30265273), (10, 2.22813885), (29.5, 2.04372497),
      (1000, 1.96233908),
    ] {
      #expect(abs(StudentT.quantile(0.975, degreesOfFreedom: freedom) - expected) < 1e-7)
    }
    #expect(abs(StudentT.cumulative(-1.5, degreesOfFreedom: 4) - 0.104) < 1e-9)
  }

  @Test func `The interval of a mean is Student's`() throws {
    let estimate = try #require(MeanEstimate([1, 2, 3, 4, 10]))
    #expect(estimate.n == 5 && estimate.mean == 4)
    #expect(abs((estimate.std ?? 0) - 3.5355339) < 1e-6)
    #expect(abs((estimate.low ?? 0) - (-0.3899451654)) < 1e-9)
    #expect(MeanEstimate([7])?.high == nil)
    #expect(MeanEstimate([Double]()) == nil)
  }

  @Test func `Welch's interval of a difference`() throws {
    let difference = try #require(MeanDifference([5, 6, 7, 9], minus: [1, 2, 2, 3, 8]))
    #expect(abs(difference.difference - 3.55) < 1e-12)
    #expect(abs(difference.low - (-0.046199497)) < 1e-6)
    #expect(abs(difference.high - 7.146199497) < 1e-6)
    #expect(MeanDifference([1], minus: [2, 3]) == nil)
  }

  @Test func `AUROC counts ties half`() {
    #expect(areaUnderROC(positives: [3, 4], negatives: [1, 2]) == 1)
    #expect(areaUnderROC(positives: [1, 1], negatives: [1]) == 0.5)
    #expect(areaUnderROC(positives: [2, 1], negatives: [1, 3]) == 0.375)
    #expect(areaUnderROC(positives: [], negatives: [1]) == nil)
  }

  @Test func `Wilson's interval`() throws {
    let interval = try #require(wilsonInterval(successes: 9, of: 10))
    #expect(abs(interval.low - 0.595850) < 1e-5)
    #expect(abs(interval.high - 0.982124) < 1e-5)
  }
}

@Suite struct SamplingTests {
  @Test func `Takes misclassified images first, up to half of the limit`() {
    let isWrong = (0..<100).map { $0 % 10 == 3 }
    let sample = AuditSample(isWrong: isWrong, limit: 12, seed: 5)
    #expect(sample.images.count == 12)
    #expect(sample.images.count { isWrong[$0] } == 6)
    #expect(sample.images == sample.images.sorted())
    #expect(sample.strata.map(\.population) == [10, 90])
    #expect(sample == AuditSample(isWrong: isWrong, limit: 12, seed: 5))
    #expect(sample != AuditSample(isWrong: isWrong, limit: 12, seed: 6))
  }

  @Test func `Fills up with correct images when few are misclassified`() {
    let sample = AuditSample(isWrong: (0..<50).map { $0 < 2 }, limit: 20, seed: 0)
    #expect(sample.strata.map(\.sampled) == [2, 18])
    #expect(sample.weight(0) == 1)
  }

  @Test func `Takes everything without a limit`() {
    let sample = AuditSample(isWrong: [true, false, true], limit: nil, seed: 0)
    #expect(sample.images == [0, 1, 2])
    #expect(sample.strata.count == 1)
  }

  @Test func `Weights make the sampled share of wrong images the dataset's`() throws {
    let isWrong = (0..<100).map { $0 % 10 == 3 }
    let sample = AuditSample(isWrong: isWrong, limit: 12, seed: 5)
    let total = sample.images.indices.reduce(0) { $0 + sample.weight($1) }
    let wrong = sample.images.indices.reduce(0.0) {
      $0 + (isWrong[sample.images[$1]] ? sample.weight($1) : 0)
    }
    #expect(abs(wrong / total - 0.1) < 1e-12)
  }

  @Test func `Random draws repeat, differ by stream and are without replacement`() {
    var a = SeededGenerator(seed: 1, stream: 2)
    var b = SeededGenerator(seed: 1, stream: 2)
    var c = SeededGenerator(seed: 1, stream: 3)
    let sample = a.sample(40, of: 784)
    #expect(sample == b.sample(40, of: 784))
    #expect(sample != c.sample(40, of: 784))
    #expect(Set(sample).count == 40)
  }
}

@Suite struct StratifiedEstimateTests {
  @Test func `Strata that each agree leave the interval open`() throws {
    // Three images of 99 that are all wrong, three of 901 that are all right.
    let units = (
      SampleUnit(weight: 33, stratum: 0), SampleUnit(weight: 901.0 / 3, stratum: 1)
    )
    let values = [0.0, 0, 0].map { ($0, units.0) } + [1.0, 1, 1].map { ($0, units.1) }
    let estimate = try #require(MeanEstimate(values))
    #expect(abs(estimate.mean - 0.901) < 1e-12)
    #expect(estimate.low == nil && estimate.high == nil)
    let varied = try #require(MeanEstimate(values + [(1.0, units.0)]))
    #expect(varied.low != nil)
  }
}

@Suite struct AreaIntervalTests {
  @Test func `Is Hanley and McNeil's`() throws {
    // (0.09 + 49 · (0.9 / 1.1 − 0.81) + 49 · (1.62 / 1.9 − 0.81)) / 2500 = 0.0321².
    let bounds = try #require(areaInterval(0.9, positives: 50, negatives: 50))
    #expect(abs((bounds.high - bounds.low) / (2 * 1.959_964) - 0.032_12) < 1e-4)
  }

  @Test func `Is none where the sample shows no spread`() {
    #expect(areaInterval(1, positives: 5, negatives: 5) == nil)
    #expect(areaInterval(0.5, positives: 1, negatives: 5) == nil)
  }
}

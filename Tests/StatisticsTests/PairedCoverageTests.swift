import Statistics
import Testing

@Suite struct PairedCoverageTests {
  @Test(arguments: [[0.03, 0.025], [0.1, 0.03]])
  func `Accuracy changes over all images`(_ shares: [Double]) {
    let coverage = accuracyChange(lost: shares[0], gained: shares[1], n: 1000)
    #expect(coverage.isNominal, "\(coverage)")
  }

  @Test(arguments: [40, 100, 1000], [[0.002, 0.001], [0, 0], [0.03, 0.01]])
  func `Few accuracy changes are never too sure`(n: Int, shares: [Double]) {
    let coverage = accuracyChange(lost: shares[0], gained: shares[1], n: n)
    #expect(coverage.isAtLeastNominal, "\(coverage)")
  }

  private func accuracyChange(lost: Double, gained: Double, n: Int) -> Coverage {
    Coverage(truth: gained - lost) { draws in
      let chances = (0..<n).map { _ in draws.uniform() }
      let fewer = chances.count { $0 < lost }
      let more = chances.count { $0 >= lost && $0 < lost + gained }
      return MeanEstimate(lost: fewer, gained: more, of: n)?.bounds
    }
  }

  private enum Change: CaseIterable { case independent, correlated, someHalved, allLess }

  @Test(arguments: [10, 20, 40], Change.allCases)
  private func `Changes of size between two runs`(n: Int, change: Change) {
    let truth =
      switch change {
      case .independent: 0.01
      case .correlated: 0.0
      case .someHalved: -0.009
      case .allLess: -0.018
      }
    let coverage = Coverage(truth: truth) { draws in
      MeanEstimate(
        differencesOf: (0..<n).map { _ in
          let then = draws.size(mean: change == .independent ? 0.05 : 0.06)
          let now =
            switch change {
            case .independent: draws.size(mean: 0.06)
            case .correlated: then * (0.75 + 0.5 * draws.uniform())
            case .someHalved: draws.isTrue(0.3) ? then / 2 : then
            case .allLess: then * (0.4 + 0.6 * draws.uniform())
            }
          return (now, then, .simple(of: n))
        })?.bounds
    }
    // Where sizes go together either bound is more than enough.
    #expect(coverage.isAtLeastNominal, "\(coverage)")
    if change == .independent { #expect(coverage.isNominal, "\(coverage)") }
  }

  @Test(arguments: Design.all, [0.05, 0.2])
  func `Drops of confidence are never too sure`(_ design: Design, low: Double) {
    let truth = 0.1 * Draws.meanDrop(low: 2 * low) + 0.9 * Draws.meanDrop(low: low)
    let coverage = Coverage(truth: truth) { draws in
      let sample = design.sample(&draws)
      return MeanEstimate(
        differencesOf: sample.map {
          let both = draws.confidences(low: $0.isWrong ? 2 * low : low)
          return (both.full, both.subset, $0.unit)
        }, areExtreme: true)?.bounds
    }
    #expect(coverage.isAtLeastNominal, "\(coverage)")
  }

  @Test func `A few images that changed tell nothing of how much`() {
    let pairs = (0..<20).map {
      (first: $0 < 3 ? 0.2 : 0.1, second: 0.1, unit: SampleUnit.simple(of: 20))
    }
    let estimate = MeanEstimate(differencesOf: pairs)
    #expect(abs((estimate?.mean ?? 0) - 0.015) < 1e-12 && estimate?.low == nil)
    // None that changed tell that few do.
    let none = MeanEstimate(differencesOf: pairs.map { ($0.second, $0.second, $0.unit) })
    #expect((none?.low ?? 0) < 0 && (none?.high ?? 1) < 0.2)
  }

  /// Joint strata: most images stay right, some turn wrong and have far smaller subsets now.
  ///
  /// The shared
  /// sample holds few of the latter; their population is known.
  @Test(arguments: [[900, 30, 40, 30], [700, 100, 100, 100]])
  func `Changes over samples that depended on the outcome`(_ expected: [Int]) {
    let sampled = [12, 6, 8, 6]
    let change = [0.0, -0.03, 0.02, 0.0]
    let total = Double(expected.reduce(0, +))
    let truth = zip(expected, change).reduce(0) { $0 + Double($1.0) * $1.1 } / total
    let coverage = Coverage(truth: truth) { draws in
      // The dataset's joint strata are random as well.
      var populations = [0, 0, 0, 0]
      for _ in 0..<Int(total) {
        var chance = draws.uniform() * total
        var stratum = 0
        while stratum < 3, chance >= Double(expected[stratum]) {
          chance -= Double(expected[stratum])
          stratum += 1
        }
        populations[stratum] += 1
      }
      var pairs: [(first: Double, second: Double, unit: SampleUnit)] = []
      for stratum in 0..<4 {
        let unit = SampleUnit(
          stratum: stratum, sampled: min(sampled[stratum], populations[stratum]),
          population: populations[stratum])
        for _ in 0..<unit.sampled {
          pairs.append((draws.size(mean: 0.06 + change[stratum]), draws.size(mean: 0.06), unit))
        }
      }
      return MeanEstimate(differencesOf: pairs)?.bounds
    }
    #expect(coverage.isNominal, "\(coverage)")
  }
}

@Suite struct JointSampleCoverageTests {
  private struct Image {
    let wasWrong: Bool
    let isWrong: Bool
    let then: Double
    let now: Double
  }

  /// Images that turned wrong have smaller subsets now.
  private func image(_ draws: inout Draws) -> Image {
    let wasWrong = draws.isTrue(0.2)
    let isWrong = draws.isTrue(wasWrong ? 0.7 : 0.08)
    let mean = isWrong && !wasWrong ? 0.02 : 0.06
    return Image(
      wasWrong: wasWrong, isWrong: isWrong, then: draws.size(mean: 0.06),
      now: draws.size(mean: mean))
  }

  /// Both runs take misclassified images first, in an order that is the same or not.
  @Test(arguments: [true, false])
  func `Two audits' own samples, of images as right or wrong then and now`(
    hasSameSeed: Bool
  ) {
    let coverage = Coverage(truth: 0.8 * 0.08 * -0.04) { draws in
      let images = (0..<400).map { _ in image(&draws) }
      let order = images.indices.shuffled(using: &draws)
      let other = hasSameSeed ? order : images.indices.shuffled(using: &draws)
      func sample(_ order: [Int], _ isWrong: (Image) -> Bool) -> Set<Int> {
        Set(
          order.filter { isWrong(images[$0]) }.prefix(80)
            + order.filter { !isWrong(images[$0]) }.prefix(80))
      }
      let both = sample(order, \.isWrong).intersection(sample(other, \.wasWrong)).sorted()
      func stratum(_ image: Image) -> Int { (image.isWrong ? 2 : 0) + (image.wasWrong ? 1 : 0) }
      let all = Dictionary(grouping: images, by: stratum).mapValues(\.count)
      let sampled = Dictionary(grouping: both.map { images[$0] }, by: stratum).mapValues(\.count)
      guard all.count == sampled.count else { return nil }
      return MeanEstimate(
        differencesOf: both.map { index in
          let image = images[index]
          let unit = SampleUnit(
            stratum: stratum(image), sampled: sampled[stratum(image)] ?? 1,
            population: all[stratum(image)] ?? 1)
          return (image.now, image.then, unit)
        })?.bounds
    }
    #expect(coverage.isNominal && coverage.known > 0.9, "\(coverage)")
  }
}

@Suite struct RecoveredCoverageTests {
  private func coverage(
    _ design: Design, wrong: Double, right: Double, random: Double
  ) -> Coverage {
    let subset = design.wrong * wrong + (1 - design.wrong) * right
    let full = 1 - design.wrong
    return Coverage(truth: (subset - random) / (full - random)) { draws in
      let sample = design.sample(&draws)
      let images = sample.map { image in
        // Images differ in how often random pixels suffice.
        let chance = random * (0.5 + draws.uniform())
        return RecoveredEstimate.Observation(
          full: image.isWrong ? 0 : 1,
          subset: draws.isTrue(image.isWrong ? wrong : right) ? 1 : 0,
          random: Double((0..<5).count { _ in draws.isTrue(chance) }) / 5, unit: image.unit)
      }
      return RecoveredEstimate(images).map { ($0.low, $0.high) }
    }
  }

  @Test(arguments: Design.all)
  func `The share of accuracy that subsets recover`(_ design: Design) {
    let coverage = coverage(design, wrong: 0.1, right: 0.6, random: 0.1)
    #expect(coverage.isNominal && coverage.known > 0.9, "\(coverage)")
  }

  @Test(
    arguments: Design.all,
    [[0.3, 0.9, 0.2], [0.2, 0.97, 0.1], [0.3, 0.9, 0.6], [0.02, 0.98, 0.1]])
  func `Subsets that nearly all suffice are never too sure`(_ design: Design, shares: [Double]) {
    let coverage = coverage(design, wrong: shares[0], right: shares[1], random: shares[2])
    #expect(coverage.isAtLeastNominal, "\(coverage)")
  }

  @Test func `Few images on which subset and full image agree do not say that they always do`()
    throws
  {
    let images = (0..<6).map { index in
      RecoveredEstimate.Observation(
        full: index == 0 ? 0 : 1, subset: index == 0 ? 0 : 1, random: 0, unit: .simple(of: 6))
    }
    let estimate = try #require(RecoveredEstimate(images))
    #expect(estimate.share == 1)
    let (low, high) = (try #require(estimate.low), try #require(estimate.high))
    #expect(low < 0.8 && high > 1.1)
  }

  @Test func `There is none where full images may add nothing`() {
    let images = (0..<12).map { index in
      RecoveredEstimate.Observation(
        full: index % 2 == 0 ? 1 : 0, subset: 1, random: index % 3 == 0 ? 0.6 : 0.4,
        unit: .simple(of: 12))
    }
    #expect(RecoveredEstimate(images) == nil)
  }
}

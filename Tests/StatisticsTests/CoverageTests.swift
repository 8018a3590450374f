import Statistics
import Testing

/// Nominal 95% covers 92–97% over 2,000 seeded draws, small and stratified samples included.
@Suite struct MeanCoverageTests {
  @Test(arguments: [4, 6, 10, 20, 40])
  func `Means of skewed sizes`(n: Int) {
    let coverage = Coverage(truth: 0.06) { draws in
      MeanEstimate(shares: (0..<n).map { _ in (draws.size(mean: 0.06), .simple(of: n)) })?.bounds
    }
    #expect(coverage.isNominal && coverage.known == 1, "\(coverage)")
  }

  @Test(arguments: Design.all)
  func `Means of skewed sizes over strata`(_ design: Design) {
    let coverage = Coverage(truth: 0.1 * 0.04 + 0.9 * 0.06) { draws in
      let sample = design.sample(&draws)
      return MeanEstimate(
        shares: sample.map { (draws.size(mean: $0.isWrong ? 0.04 : 0.06), $0.unit) })?.bounds
    }
    #expect(coverage.isNominal, "\(coverage)")
  }

  @Test(arguments: Design.all)
  func `Means over the images that reach a threshold`(_ design: Design) {
    // 40% of misclassified images reach it, and 80% of the others.
    let truth = (0.1 * 0.4 * 0.03 + 0.9 * 0.8 * 0.06) / (0.1 * 0.4 + 0.9 * 0.8)
    let coverage = Coverage(truth: truth) { draws in
      let sample = design.sample(&draws).filter { draws.isTrue($0.isWrong ? 0.4 : 0.8) }
      return MeanEstimate(
        shares: sample.map { (draws.size(mean: $0.isWrong ? 0.03 : 0.06), $0.unit) })?.bounds
    }
    #expect(coverage.isNominal, "\(coverage)")
  }

  private func shareCoverage(_ design: Design, wrong: Double, right: Double) -> Coverage {
    Coverage(truth: design.wrong * wrong + (1 - design.wrong) * right) { draws in
      let sample = design.sample(&draws)
      return MeanEstimate(
        shares: sample.map { (draws.isTrue($0.isWrong ? wrong : right) ? 1 : 0, $0.unit) })?
        .bounds
    }
  }

  @Test(arguments: Design.all, [[0.3, 0.9], [0.1, 0.7], [0.5, 0.5]])
  func `Shares of 0s and 1s over strata`(_ design: Design, shares: [Double]) {
    let coverage = shareCoverage(design, wrong: shares[0], right: shares[1])
    #expect(coverage.isNominal, "\(coverage)")
  }

  @Test(arguments: Design.all, [[0.2, 0.97], [0.02, 0.99], [0, 1]])
  func `Shares of few values that agree are never too sure`(_ design: Design, shares: [Double]) {
    let coverage = shareCoverage(design, wrong: shares[0], right: shares[1])
    #expect(coverage.isAtLeastNominal && coverage.known == 1, "\(coverage)")
  }

  @Test(arguments: [Design.all[0], Design.all[1], Design(images: 200, limit: 60)])
  func `Shares that the strata themselves tell`(_ design: Design) {
    // Images of the first stratum are right in half of the cases, all of the second are.
    let coverage = Coverage(truth: 0.95) { draws in
      let sample = design.sample(&draws)
      return MeanEstimate(
        shares: sample.map { ($0.isWrong && draws.isTrue(0.5) ? 0 : 1, $0.unit) },
        certainStrata: [1])?.bounds
    }
    #expect(coverage.isNominal, "\(coverage)")
  }

  @Test(arguments: [4, 10, 40], [0.05, 0.15, 0.4])
  func `Confidences, few of them far lower, are never too sure`(n: Int, low: Double) {
    let coverage = Coverage(truth: low * 0.4 + (1 - low) * 0.97) { draws in
      MeanEstimate(
        shares: (0..<n).map { _ in (draws.confidences(low: low).subset, .simple(of: n)) },
        areExtreme: true)?.bounds
    }
    #expect(coverage.isAtLeastNominal, "\(coverage)")
  }

  @Test func `Random subsets: images and draws both vary`() {
    // Images differ in how often random pixels suffice: uniform between 0 and 0.4.
    for n in [40, 400] {
      let coverage = Coverage(truth: 0.2) { draws in
        MeanEstimate(
          shares: (0..<n).map { _ in
            let probability = 0.4 * draws.uniform()
            return (Double((0..<5).count { _ in draws.isTrue(probability) }) / 5, .simple(of: n))
          })?.bounds
      }
      #expect(coverage.isNominal, "\(coverage)")
    }
  }

  @Test func `Fewer than four observations have no interval`() {
    for n in 1...3 {
      let estimate = MeanEstimate(shares: (0..<n).map { (Double($0) / 4, .simple(of: n)) })
      #expect(estimate?.n == n && estimate?.low == nil && estimate?.high == nil)
    }
  }
}

@Suite struct ComparisonCoverageTests {
  @Test(arguments: Design.all)
  func `Differences of two groups' means`(_ design: Design) {
    let coverage = Coverage(truth: 0.02) { draws in
      let groups = groups(design, &draws)
      return MeanDifference(shares: groups.right, minus: groups.wrong).map { ($0.low, $0.high) }
    }
    #expect(coverage.isNominal, "\(coverage)")
  }

  @Test(arguments: Design.all)
  func `Ratios of two groups' means, where the denominator is surely not 0`(_ design: Design) {
    let coverage = Coverage(truth: 1.5) { draws in
      let groups = groups(design, &draws)
      return RatioEstimate(groups.right, over: groups.wrong).map { ($0.low, $0.high) }
    }
    #expect(coverage.isNominal && coverage.known > 0.5, "\(coverage)")
  }

  private func groups(
    _ design: Design, _ draws: inout Draws
  ) -> (right: [(Double, SampleUnit)], wrong: [(Double, SampleUnit)]) {
    let sample = design.sample(&draws)
    return (
      sample.filter { !$0.isWrong }.map { (draws.size(mean: 0.06), $0.unit) },
      sample.filter(\.isWrong).map { (draws.size(mean: 0.04), $0.unit) }
    )
  }

  @Test(arguments: Design.all)
  func `Medians over strata`(_ design: Design) {
    // Both groups alike: the median of the mean of two exponentials is 0.8392.
    let coverage = Coverage(truth: 0.839_173_495) { draws in
      let sample = design.sample(&draws)
      return MedianEstimate(
        sample.map { ((draws.exponential() + draws.exponential()) / 2, $0.unit) }
      ).map { ($0.low, $0.high) }
    }
    #expect(coverage.isNominal, "\(coverage)")
  }

  @Test(arguments: Design.all, [[0.06, 0.04], [0.09, 0.01], [0.05, 0.05]])
  func `AUROC`(_ design: Design, means: [Double]) {
    // Exponentials: P(X > Y) = E X / (E X + E Y).
    let coverage = Coverage(truth: means[0] / (means[0] + means[1])) { draws in
      let sample = design.sample(&draws)
      func values(_ images: [SampledImage], _ mean: Double) -> [(Double, SampleUnit)] {
        images.map { (mean * draws.exponential(), $0.unit) }
      }
      return AreaEstimate(
        positives: values(sample.filter { !$0.isWrong }, means[0]),
        negatives: values(sample.filter(\.isWrong), means[1])
      ).map { ($0.low, $0.high) }
    }
    #expect(coverage.isAtLeastNominal && coverage.held < 0.985, "\(coverage)")
  }

  @Test(arguments: [Design.all[0], Design.all[2], Design.all[3]])
  func `AUROC of one model in a sample made for two`(_ design: Design) {
    // Of images that some model misclassifies this one has half right, with smaller sizes than where
    // both are right: unweighted, those would count for too much.
    var design = design
    design.wrong = 0.2
    let truth = (0.1 * 0.5 + 0.8 * 2 / 3) / 0.9
    let coverage = Coverage(truth: truth) { draws in
      var (right, wrong): ([(Double, SampleUnit)], [(Double, SampleUnit)]) = ([], [])
      for image in design.sample(&draws) {
        if !image.isWrong {
          right.append((0.08 * draws.exponential(), image.unit))
        } else if draws.isTrue(0.5) {
          right.append((0.04 * draws.exponential(), image.unit))
        } else {
          wrong.append((0.04 * draws.exponential(), image.unit))
        }
      }
      return AreaEstimate(positives: right, negatives: wrong).map { ($0.low, $0.high) }
    }
    #expect(coverage.isNominal, "\(coverage)")
  }

  @Test(arguments: [[20, 20], [10, 30], [8, 200], [50, 50]])
  func `Matched pairs that share controls`(_ counts: [Int]) {
    let coverage = Coverage(truth: 0.01) { draws in
      let controls = (0..<counts[1]).map { _ in
        let odds = 0.5 + draws.normal()
        return (odds: odds, size: 0.06 + 0.01 * odds + 0.03 * draws.normal())
      }
      let pairs = (0..<counts[0]).map { _ in
        let odds = draws.normal()
        let size = 0.05 + 0.01 * odds + 0.03 * draws.normal()
        let nearest =
          controls.indices.min { abs(controls[$0].odds - odds) < abs(controls[$1].odds - odds) }
          ?? 0
        return (difference: controls[nearest].size - size, control: nearest)
      }
      return MeanEstimate(pairs: pairs)?.bounds
    }
    #expect(coverage.isAtLeastNominal && coverage.held < 0.98, "\(coverage)")
  }

  @Test func `Pairs of one control, or hardly more, have no interval`() {
    let one = MeanEstimate(pairs: (0..<9).map { (Double($0), 1) })
    #expect(one?.mean == 4 && one?.low == nil)
    let two = MeanEstimate(pairs: (0..<9).map { (Double($0), $0 % 2) })
    #expect(two?.n == 9 && two?.low == nil)
  }
}

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

  /// Joint strata: most images stay right, some turn wrong and have far smaller subsets now. The shared
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

  @Test(arguments: Design.all, [[0.3, 0.9, 0.2], [0.2, 0.97, 0.1], [0.3, 0.9, 0.6]])
  func `Subsets that nearly all suffice are never too sure`(_ design: Design, shares: [Double]) {
    let coverage = coverage(design, wrong: shares[0], right: shares[1], random: shares[2])
    #expect(coverage.isAtLeastNominal, "\(coverage)")
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

extension MeanEstimate {
  fileprivate var bounds: (low: Double?, high: Double?) { (low, high) }
}

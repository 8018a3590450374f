import Statistics
import Testing

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

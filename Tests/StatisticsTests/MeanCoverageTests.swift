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

import Statistics
import Testing

@Suite struct SequentialTests {
  @Test func `Looks double the images, and the last one has all`() {
    #expect(SequentialLooks(images: 100).sizes == [13, 25, 50, 100])
    #expect(SequentialLooks(images: 19).sizes == [10, 19])
    #expect(SequentialLooks(images: 18).sizes == [18])
    #expect(SequentialLooks(images: 1).sizes == [1])
  }

  @Test func `A level has the normal quantile that tables give, and the name people use`() {
    #expect(abs(IntervalLevel(error: 0.01).normalQuantile - 2.575_829_303_548_9) < 1e-12)
    #expect(
      abs(IntervalLevel(error: 0.05).normalQuantile - IntervalLevel.standard.normalQuantile) < 1e-12
    )
    #expect(IntervalLevel.standard.text == "95%")
    #expect(SequentialLooks.level(looks: 1).text == "95%")
    #expect(SequentialLooks.level(looks: 4).text == "98.75%")
  }

  /// The part of every look's interval that all of them share, over draws of a sample.
  ///
  /// `value`: one observation. `estimate`: the interval of some.
  private func coverage(
    truth: Double, level: IntervalLevel, value: @escaping (inout Draws) -> Double,
    estimate: @escaping ([(Double, SampleUnit)]) -> (low: Double?, high: Double?)?
  ) -> Double {
    let looks = SequentialLooks(images: 160).sizes
    return IntervalLevel.$current.withValue(level) {
      Coverage(truth: truth) { draws in
        let values = looks.last.map { n in (0..<n).map { _ in value(&draws) } } ?? []
        var shared = (low: -Double.infinity, high: Double.infinity)
        for size in looks {
          let unit = SampleUnit(stratum: 0, sampled: size, population: 160)
          guard let bounds = estimate(values.prefix(size).map { ($0, unit) }) else { return nil }
          shared.low = max(shared.low, bounds.low ?? -.infinity)
          shared.high = min(shared.high, bounds.high ?? .infinity)
        }
        return shared
      }.held
    }
  }

  /// Whoever looks often at 95% intervals errs more often than in one of twenty; whose looks share the
  /// errors does not.
  @Test(arguments: [0.5, 0.2, 0.9])
  func `Shares that looks decide are wrong in one of twenty at most`(probability: Double) {
    let looks = SequentialLooks(images: 160).sizes.count
    #expect(looks == 5)
    func held(_ level: IntervalLevel) -> Double {
      coverage(truth: probability, level: level) {
        $0.isTrue(probability) ? 1 : 0
      } estimate: {
        MeanEstimate(shares: $0)?.bounds
      }
    }
    let (shared, alone) = (held(SequentialLooks.level(looks: looks)), held(.standard))
    #expect(shared >= 0.95, "\(shared)")
    #expect(alone < 0.92, "\(alone)")
  }

  @Test func `So are mean sizes and medians`() {
    let level = SequentialLooks.level(looks: 5)
    let sizes = coverage(truth: 0.1, level: level) {
      $0.size(mean: 0.1)
    } estimate: {
      MeanEstimate(shares: $0)?.bounds
    }
    #expect(sizes >= 0.945, "\(sizes)")
    let medians = coverage(truth: 0.5, level: level) {
      $0.uniform()
    } estimate: {
      MedianEstimate($0).map { ($0.low, $0.high) }
    }
    #expect(medians >= 0.95, "\(medians)")
  }
}

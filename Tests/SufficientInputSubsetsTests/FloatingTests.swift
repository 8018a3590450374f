import SufficientInputSubsets
import Testing

/// Floating BackSelect, on functions whose subsets are known.
@Suite struct FloatingTests {
  /// Sixty pixels, of which the last six are worth 10 each and the others next to nothing.
  private func sparse() -> SolvableFunction {
    SolvableFunction.sum((0..<60).map { $0 < 54 ? Double($0 % 5) / 1000 : 10 })
  }

  private let fine = FloatingSearch(
    firstShare: 0.5, fineBelow: 1000, fineShare: 0.1, shortlist: 6, groups: 2, returning: 4,
    restBelow: 5)

  @Test func `Masks every pixel once, the needed ones last`() throws {
    for search in [FloatingSearch.coarse, fine] {
      var classifier = sparse()
      let run = try BackSelectMethod.floating(search).run(
        from: .all(of: 60), on: &classifier, thresholds: [25, 55])
      #expect(run.order.sorted() == Array(0..<60))
      #expect(Set(run.order.suffix(6)) == Set(54..<60))
      #expect(run.sufficientInputSubsetSize(threshold: 25) == 3)
      #expect(run.sufficientInputSubsetSize(threshold: 55) == 6)
    }
  }

  @Test func `Equals exact where the gradient tells the truth`() throws {
    let values = (0..<40).map { Double($0 * 17 % 40) }
    var classifier = SolvableFunction.sum(values)
    let exact = try exactBackSelect(from: .all(of: 40), on: &classifier)
    for search in [FloatingSearch.fine, fine] {
      let run = try BackSelectMethod.floating(search).run(
        from: .all(of: 40), on: &classifier, thresholds: [100, 700])
      #expect(run.order == exact.order)
      for (known, expected) in zip(run.curve, exact.curve) where known != nil {
        #expect(known == expected)
      }
      for threshold in [100.0, 700] {
        #expect(
          run.sufficientInputSubset(threshold: threshold)
            == exact.sufficientInputSubset(threshold: threshold))
      }
    }
  }

  @Test func `Chooses by evaluation, not by gradient`() throws {
    // To first order masking pixel 0 raises the score by 2; in truth it lowers it by 2.
    var classifier = SolvableFunction([2, 1]) { v in 3 * v[0] - v[0] * v[0] - 0.5 * v[1] }
    let gradient = classifier.maskGradient(visible: .all(of: 2))
    #expect(gradient[0] > gradient[1])
    func first(shortlist: Int) throws -> Int {
      let search = FloatingSearch(
        firstShare: 1, memory: 0, fineBelow: 1000, fineShare: 0.1, shortlist: shortlist, groups: 1,
        returning: 0, restBelow: -1000)
      return try BackSelectMethod.floating(search).run(from: .all(of: 2), on: &classifier).order[0]
    }
    #expect(try first(shortlist: 2) == 1)
    #expect(try first(shortlist: 1) == 0)
  }

  @Test func `Counts what it asked`() throws {
    var classifier = sparse()
    let run = try BackSelectMethod.floating(fine).run(
      from: .all(of: 60), on: &classifier, thresholds: [25])
    #expect(run.cost.evaluations == classifier.evaluations)
    #expect(run.cost.gradients > 10)
    #expect(run.cost.steps >= run.cost.gradients - 1)
  }

  @Test func `A start that leaves pixels out never shows them`() throws {
    var classifier = sparse()
    let start = PixelSet(Array(0..<20) + Array(56..<60), of: 60)
    let run = try BackSelectMethod.floating(fine).run(
      from: start, on: &classifier, thresholds: [15])
    #expect(run.order.sorted() == start.pixels)
    #expect(run.sufficientInputSubsetSize(threshold: 15) == 2)
  }

  @Test func `Shows a pixel again that the first gradient took for needless`() throws {
    // With pixel 0 visible pixel 1 does not matter, and pixel 0 looks harmful; without pixel 0
    // everything hangs on pixel 1.
    var classifier = SolvableFunction([Double](repeating: 1, count: 20)) { v in
      10 * v[1] * (1 - v[0]) + 9.5 * v[0] + v[2...].reduce(0, +) / 100
    }
    let first = classifier.maskGradient(visible: .all(of: 20))
    #expect(first[0] > 0 && first[2] < first[1])
    let search = FloatingSearch(
      firstShare: 0.5, memory: 0, fineBelow: 1000, fineShare: 0.1, shortlist: 4, groups: 1,
      returning: 4, restBelow: -1)
    let run = try BackSelectMethod.floating(search).run(
      from: .all(of: 20), on: &classifier, thresholds: [9])
    #expect(run.order.last == 1)
    #expect(run.sufficientInputSubsetSize(threshold: 9) == 1)
  }

  @Test func `Takes the first masking back when the decision does not return`() throws {
    // Five of the first ten pixels suffice, which is why none of them matters to first order; without all
    // ten, none of them helps.
    var classifier = SolvableFunction(
      (0..<40).map { $0 < 10 ? 0.1 : 1 }
    ) { v in
      var needed = min(1, 2 * v.prefix(10).reduce(0, +))
      for _ in 0..<3 { needed *= needed }
      return needed + v.dropFirst(10).reduce(0, +) * 1e-6
    }
    let first = classifier.maskGradient(visible: .all(of: 40))
    #expect((first.prefix(10).min() ?? -1) > (first.dropFirst(10).max() ?? 1))
    let run = try BackSelectMethod.floating(.coarse).run(
      from: .all(of: 40), on: &classifier, thresholds: [0.9])
    #expect(run.order.sorted() == Array(0..<40))
    #expect(run.cost.evaluations == classifier.evaluations)
    // Had the ten been masked first for good, no fewer than 35 would do.
    let size = try #require(run.sufficientInputSubsetSize(threshold: 0.9))
    #expect(size < 25)
  }

  @Test func `Takes the first masking back when the highest threshold is not reached again`() throws
  {
    // As above, but without the ten confidence stays at 0.8: enough for low thresholds.
    func run(_ thresholds: [Double]) throws -> BackSelectRun {
      var classifier = SolvableFunction((0..<40).map { $0 < 10 ? 0.1 : 1 }) { v in
        var needed = min(1, 2 * v.prefix(10).reduce(0, +))
        for _ in 0..<3 { needed *= needed }
        let others = v.dropFirst(10).reduce(0, +)
        return 0.8 * min(1, others / 4) + 0.15 * needed + others * 1e-6
      }
      return try BackSelectMethod.floating(.coarse).run(
        from: .all(of: 40), on: &classifier, thresholds: thresholds)
    }
    let size = try #require(try run([0.5, 0.9]).sufficientInputSubsetSize(threshold: 0.9))
    let sizeUnasked = try #require(try run([0.5]).sufficientInputSubsetSize(threshold: 0.9))
    #expect(size < 25)
    #expect(sizeUnasked > 30)
  }

  @Test func `Halving finds the pixel at which a threshold is reached, and top-1`() throws {
    var classifier = SolvableFunction(
      (0..<200).map { Double($0) }
    ) { v in min(1, v.reduce(0, +) / 19_900) }
    let run = try BackSelectMethod.floating(FloatingSearch(keepsSmallest: false)).run(
      from: .all(of: 200), on: &classifier, thresholds: [0.3, 0.9])
    for threshold in [0.3, 0.9] {
      let size = try #require(run.sufficientInputSubsetSize(threshold: threshold))
      let (enough, tooFew) = (run.curve[size], run.curve[size - 1])
      #expect((enough?.confidence ?? 0) >= threshold)
      #expect((tooFew?.confidence ?? 1) < threshold)
    }
    // Confidence above one half tells top-1 here.
    let top = try #require(run.topOneSubsetSize)
    #expect((run.curve[top]?.confidence ?? 0) > 0.5)
    #expect((run.curve[top - 1]?.confidence ?? 1) <= 0.5)
  }

  @Test func `What steps evaluated is the curve where it is an end of the order`() throws {
    // Weights that single steps err about, so that pixels are shown again.
    let weights = (0..<200).map { Double(($0 * 73) % 200) }
    for search in [FloatingSearch.coarse, .quick] {
      var classifier = SolvableFunction(weights) { min(1, $0.reduce(0, +) / 19_900) }
      let run = try BackSelectMethod.floating(search).run(
        from: .all(of: 200), on: &classifier, thresholds: [0.3, 0.9])
      var visible = run.start
      for step in run.steps {
        visible.remove(step.pixel)
        guard let after = step.after else { continue }
        let again = classifier.evaluate([visible])[0]
        #expect(after == again)
      }
      #expect(run.steps.contains { $0.after != nil })
    }
  }

  @Test func `Exact knows top-1 without asking more`() throws {
    var classifier = SolvableFunction([0.1, 0.4, 0.3, 0.2]) { $0.reduce(0, +) }
    let run = try exactBackSelect(from: .all(of: 4), on: &classifier)
    #expect(run.topOneSubsetSize == 2)
    #expect(run.cost.evaluations == 11)
  }

  @Test func `A plan masks every pixel and ends at the whole work`() {
    let shares = BackSelectMethod.floating(.coarse).plannedShares(units: 500, thresholds: 2)
    #expect(shares.count == 501)
    #expect(shares == shares.sorted())
    #expect(shares[0] == 0)
    #expect(shares[500] <= 1)
  }
}

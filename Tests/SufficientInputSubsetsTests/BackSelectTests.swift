import SufficientInputSubsets
import Testing

@Suite struct BackSelectTests {
  @Test func `Exact needs p(p+1)/2 + 1 evaluations`() throws {
    var classifier = SolvableFunction.sum([3, 1, 2, 5])
    let run = try exactBackSelect(from: .all(of: 4), on: &classifier)
    #expect(run.cost.evaluations == 11)
    #expect(classifier.evaluations == 11)
    #expect(run.order == [1, 2, 0, 3])
  }

  @Test func `Ties go to the lowest index and are counted`() throws {
    var classifier = SolvableFunction.sum([1, 1, 1])
    let run = try exactBackSelect(from: .all(of: 3), on: &classifier)
    #expect(run.order == [0, 1, 2])
    #expect(run.cost.tiedSteps == 2)
  }

  @Test(arguments: [
    BackSelectMethod.exact, .gradient(block: 7),
  ])
  func `Costs what was planned`(_ method: BackSelectMethod) throws {
    var classifier = SolvableFunction.sum((0..<50).map { Double($0 * 31 % 50) })
    var shares: [Double] = []
    let planned = method.plannedShares(units: 50, thresholds: 0)
    let run = try method.run(from: .all(of: 50), on: &classifier) { shares.append(planned[$0]) }
    let cost = method.plannedCost(units: 50, thresholds: 0)
    if case .gradient = method {
      // The crossing of top-1 may need fewer than a block.
      #expect(run.cost.evaluations <= cost.evaluations)
      #expect(run.cost.evaluations >= cost.evaluations - 6)
    } else {
      #expect(run.cost.evaluations == cost.evaluations)
    }
    #expect(run.cost.gradients == cost.gradients)
    #expect(shares == shares.sorted())
    #expect(planned.count % 50 == 1)
    #expect(planned.last.map { $0 > 0.8 && $0 <= 1 } == true)
    #expect(planned[0] == 0)
  }

  @Test func `A minimal subset loses its confidence with any pixel`() throws {
    // Pixels 0 and 1 suffice together; pixel 2 helps, but is not needed.
    var classifier = SolvableFunction([1, 1, 1]) { v in 3 * v[0] * v[1] + v[2] }
    var cost = BackSelectCost()
    let subset = try minimalSubset(of: [2, 1, 0], threshold: 3, on: &classifier, cost: &cost)
    #expect(subset == [1, 0])
    #expect(cost.evaluations == 3 + 2)
    var blank = SolvableFunction.sum([1, 1])
    let empty = try minimalSubset(of: [0, 1], threshold: 0, on: &blank, cost: &cost)
    #expect(empty.isEmpty)
  }

  @Test func `Patches cover the image once, cut off at the border`() {
    let units = PixelUnits.patches(height: 2, width: 3, rows: 3, columns: 4)
    #expect(units.pixels == [[0, 1, 2, 4, 5, 6], [3, 7], [8, 9, 10], [11]])
    #expect(units.pixelCount == 12)
    #expect(PixelUnits(labels: [7, 3, 7]).pixels == [[0, 2], [1]])
  }

  @Test func `A search over units becomes an order of pixels`() throws {
    var classifier = SolvableFunction.sum([3, 1])
    let run = try exactBackSelect(from: .all(of: 2), on: &classifier)
    let expanded = PixelUnits(labels: [0, 1, 0]).expanded(run)
    #expect(expanded.order == [1, 0, 2])
    #expect(expanded.curve.map { $0?.confidence } == [0, nil, 3, 4])
    #expect(expanded.sufficientInputSubset(threshold: 2) == [2, 0])
  }

  @Test func `Gradient masks blocks, the highest first inside a block`() throws {
    var classifier = SolvableFunction.sum([4, 1, 3, 2, 5])
    let run = try gradientBackSelect(
      from: .all(of: 5), block: 2, thresholds: [], on: &classifier)
    #expect(run.order == [1, 3, 2, 0, 4])
    #expect(run.cost.gradients == 3)
    #expect(run.curve.map { $0?.confidence } == [0, 5, nil, 12, nil, 15])
  }

  @Test func `Gradient refines the block that crosses a threshold`() throws {
    var classifier = SolvableFunction.sum([4, 1, 3, 2, 5])
    let run = try gradientBackSelect(
      from: .all(of: 5), block: 2, thresholds: [8], on: &classifier)
    #expect(run.curve.map { $0?.confidence } == [0, 5, 9, 12, nil, 15])
    #expect(run.sufficientInputSubset(threshold: 8) == [4, 0])
  }

  @Test func `The curve's entry m has m pixels visible`() throws {
    var classifier = SolvableFunction.sum([3, 1, 2])
    let run = try exactBackSelect(from: .all(of: 3), on: &classifier)
    #expect(run.curve.map { $0?.confidence } == [0, 3, 5, 6])
    #expect(run.subset(ofSize: 2) == [2, 0])
  }

  @Test func `Is empty when the fully masked image already reaches the threshold`() throws {
    var classifier = SolvableFunction([1, 2]) { 10 + $0.reduce(0, +) }
    let run = try exactBackSelect(from: .all(of: 2), on: &classifier)
    #expect(run.sufficientInputSubset(threshold: 9) == [])
    let collection = try sisCollection(
      from: .all(of: 2), threshold: 9, method: .exact, on: &classifier)
    #expect(collection.map(\.pixels) == [[]])
  }

  @Test func `Takes the smallest subset of a curve that falls again`() throws {
    // One pixel visible: 5; two: 1; three: 6.
    var classifier = SolvableFunction([1, 1, 1]) { v in [0, 5, 1, 6][Int(v.reduce(0, +))] }
    let run = try exactBackSelect(from: .all(of: 3), on: &classifier)
    #expect(run.sufficientInputSubsetSize(threshold: 5) == 1)
  }

  @Test func `Equality with the threshold counts, and below it there is no subset`() throws {
    var classifier = SolvableFunction.sum([1, 2])
    let run = try exactBackSelect(from: .all(of: 2), on: &classifier)
    #expect(run.sufficientInputSubset(threshold: 3) == [1, 0])
    #expect(run.sufficientInputSubset(threshold: 3.001) == nil)
  }

  @Test func `Stops when progress throws`() {
    struct Stop: Error {}
    var classifier = SolvableFunction.sum([1, 2, 3])
    #expect(throws: Stop.self) {
      try exactBackSelect(from: .all(of: 3), on: &classifier) { if $0 == 2 { throw Stop() } }
    }
  }
}

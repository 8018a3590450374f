import Foundation
import SufficientInputSubsets
import Testing

/// Fails at every third question, as a decision does that is asked to stop.
private struct UnsteadyClassifier: Classifier {
  struct Stop: Error {}

  var function: SolvableFunction
  private var asked = 0

  init(_ function: SolvableFunction) {
    self.function = function
  }

  var pixelCount: Int { function.pixelCount }

  private mutating func answer<Answer>(_ body: (inout SolvableFunction) -> Answer) throws -> Answer
  {
    asked += 1
    if asked.isMultiple(of: 3) { throw Stop() }
    return body(&function)
  }

  mutating func evaluate(_ visibleSets: [PixelSet]) throws -> [Evaluation] {
    try answer { $0.evaluate(visibleSets) }
  }

  mutating func maskGradient(visible: PixelSet) throws -> [Float] {
    try answer { $0.maskGradient(visible: visible) }
  }
}

/// Searches that are stored between pieces of work.
@Suite struct PieceTests {
  private static let methods: [BackSelectMethod] = [
    .exact,
    .gradient(block: 7),
    .floating(
      FloatingSearch(firstShare: 1, fineBelow: 1000, fineShare: 0.1, shortlist: 9, restBelow: 20)),
    .floating(FloatingSearch(firstShare: 0.8, fineBelow: 300, fineShare: 0.2, restBelow: 60)),
  ]

  private func function() -> SolvableFunction {
    let values = (0..<30).map { Double($0 * 17 % 30) }
    return SolvableFunction(values) { v in v.reduce(0, +) + v[3] * v[8] / 50 }
  }

  @Test(arguments: methods)
  func `Stored after every piece, a search ends as it would have`(_ method: BackSelectMethod) throws
  {
    var classifier = function()
    let expected = try method.run(from: .all(of: 30), on: &classifier, thresholds: [40, 200])
    var search = method.search(from: .all(of: 30), thresholds: [40, 200])
    var pieces = 0
    while search.result == nil {
      let stored = try JSONEncoder().encode(search)
      search = try JSONDecoder().decode(BackSelectSearch.self, from: stored)
      try search.step(on: &classifier)
      pieces += 1
    }
    #expect(search.result == expected)
    #expect(pieces > 5)
  }

  @Test(arguments: methods)
  func `A piece that fails changes nothing and can be done again`(_ method: BackSelectMethod) throws
  {
    var classifier = function()
    let expected = try method.run(from: .all(of: 30), on: &classifier, thresholds: [40, 200])
    var unsteady = UnsteadyClassifier(function())
    var search = method.search(from: .all(of: 30), thresholds: [40, 200])
    var failures = 0
    while search.result == nil {
      let before = search
      do {
        try search.step(on: &unsteady)
      } catch is UnsteadyClassifier.Stop {
        failures += 1
        #expect(search == before)
      }
      try #require(failures < 10_000)
    }
    #expect(search.result == expected)
    #expect(failures > 5)
  }
}

/// Scores that are known up to a resolution.
@Suite struct TieTests {
  /// The sum of values, as a network would compute it: off by a little that means nothing.
  private struct NoisySum: Classifier {
    let values: [Double]
    let noise: Double
    let resolution: Double

    var pixelCount: Int { values.count }

    func evaluate(_ visibleSets: [PixelSet]) -> [Evaluation] {
      visibleSets.map { set in
        let sum = set.pixels.reduce(0) { $0 + values[$1] }
        let error = noise * sin(Double(set.pixels.reduce(7) { ($0 * 31 + $1) % 1009 }))
        return Evaluation(score: sum + error, confidence: sum, resolution: resolution)
      }
    }

    func maskGradient(visible: PixelSet) -> [Float] { values.map { Float(-$0) } }
  }

  @Test func `Noise below the resolution does not decide between equal pixels`() throws {
    let values: [Double] = [4, 2, 2, 7, 2, 4, 1]
    for noise in [0, 1e-6, -2e-6, 3e-6] {
      var classifier = NoisySum(values: values, noise: noise, resolution: 1e-5)
      let run = try exactBackSelect(from: .all(of: 7), on: &classifier)
      #expect(run.order == [6, 1, 2, 4, 0, 5, 3])
      #expect(run.cost.tiedSteps == 3)
    }
    var exact = NoisySum(values: values, noise: 3e-6, resolution: 0)
    #expect(try exactBackSelect(from: .all(of: 7), on: &exact).cost.tiedSteps == 0)
  }

  @Test func `Only what is close to the best is tied with it, not what is close to that`() throws {
    // Masking leaves 10 less the value: 1.0 is best, 1.6 is tied with it, 2.2 with 1.6 alone.
    var classifier = NoisySum(values: [2.2, 1.6, 1.0, 5], noise: 0, resolution: 0.7)
    let run = try exactBackSelect(from: .all(of: 4), on: &classifier)
    #expect(run.order.prefix(1) == [1])
  }

  @Test func `Gradients that Float32 does not tell apart are tied`() throws {
    let values = [1, 1 - 1e-7, 1 - 2e-7, 0.5]
    var classifier = NoisySum(values: values, noise: 0, resolution: 0)
    let run = try gradientBackSelect(
      from: .all(of: 4), block: 1, thresholds: [], on: &classifier)
    #expect(run.order == [3, 0, 1, 2])
  }
}

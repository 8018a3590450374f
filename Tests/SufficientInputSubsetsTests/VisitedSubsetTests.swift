import Foundation
import SufficientInputSubsets
import Testing

/// Remembers every set that it was asked of.
private struct RecordingClassifier: Classifier {
  var function: SolvableFunction
  private(set) var asked: [(set: PixelSet, evaluation: Evaluation)] = []

  init(_ function: SolvableFunction) {
    self.function = function
  }

  var pixelCount: Int { function.pixelCount }

  mutating func evaluate(_ visibleSets: [PixelSet]) throws -> [Evaluation] {
    let evaluations = function.evaluate(visibleSets)
    asked += zip(visibleSets, evaluations).map { ($0, $1) }
    return evaluations
  }

  mutating func maskGradient(visible: PixelSet) throws -> [Float] {
    function.maskGradient(visible: visible)
  }

  func fewest(_ meets: (Evaluation) -> Bool) -> Int? {
    asked.filter { meets($0.evaluation) }.map(\.set.count).min()
  }
}

/// Sufficient sets that a search meets on its way and its order does not end in.
@Suite struct VisitedSubsetTests {
  /// Pixels that help or harm each other, and confidence that rises and falls on the way: an order found
  /// step by step is not the best one.
  private func function(_ seed: Int) -> SolvableFunction {
    SolvableFunction((0..<48).map { Double(($0 * 29 + seed * 7) % 48) / 48 }) { v in
      var sum = 0.0
      var phase = 0.0
      for (a, value) in v.enumerated() {
        sum += value - value * v[(a * 11 + seed) % 48]
        phase += value * Double((a * 31 + seed * 13) % 17)
      }
      return 1 / (1 + exp(-(sum - 3 + 2 * sin(phase))))
    }
  }

  private let thresholds = [0.6, 0.8, 0.9]

  private func search(keepsSmallest: Bool) -> BackSelectMethod {
    .floating(
      FloatingSearch(
        firstShare: 0.5, fineBelow: 1000, fineShare: 0.1, shortlist: 12, groups: 4, returning: 8,
        restBelow: -1, keepsSmallest: keepsSmallest))
  }

  @Test(arguments: 0..<8)
  func `A subset is the smallest of all that were evaluated`(_ seed: Int) throws {
    var classifier = RecordingClassifier(function(seed))
    let run = try search(keepsSmallest: true).run(
      from: .all(of: 48), on: &classifier, thresholds: thresholds)
    for threshold in thresholds {
      guard let subset = run.sufficientInputSubset(threshold: threshold) else {
        #expect(run.initial.confidence < threshold)
        continue
      }
      #expect(subset.count == classifier.fewest { $0.confidence >= threshold })
      let alone = classifier.function.evaluate([PixelSet(subset, of: 48)])[0]
      #expect(alone.confidence >= threshold)
      #expect(Set(subset).count == subset.count)
    }
    if run.initial.isTop {
      let top = try #require(run.topOneSubset)
      #expect(top.count == classifier.fewest(\.isTop))
      #expect(classifier.function.evaluate([PixelSet(top, of: 48)])[0].isTop)
    }
  }

  @Test func `Some of them are smaller than the end of the order, which stays as it was`() throws {
    var smaller = 0
    for seed in 0..<8 {
      var (first, second) = (function(seed), function(seed))
      let kept = try search(keepsSmallest: true).run(
        from: .all(of: 48), on: &first, thresholds: thresholds)
      let plain = try search(keepsSmallest: false).run(
        from: .all(of: 48), on: &second, thresholds: thresholds)
      #expect(kept.order == plain.order)
      // What cannot be smaller than a set met on the way is not halved.
      #expect(kept.cost.evaluations <= plain.cost.evaluations)
      for (step, other) in zip(kept.steps, plain.steps) where step.after != nil {
        #expect(step.after == other.after)
      }
      #expect(plain.visited.isEmpty)
      for subset in kept.visited {
        #expect(
          subset.evaluation == first.evaluate([PixelSet(subset.pixels, of: 48)])[0])
        guard case .confidence(let threshold) = subset.criterion else { continue }
        let size = try #require(plain.sufficientInputSubsetSize(threshold: threshold))
        #expect(subset.pixels.count < size)
        smaller += 1
      }
    }
    #expect(smaller > 0)
  }

  @Test func `Pixels come in the order in which they return`() throws {
    for seed in 0..<8 {
      var classifier = function(seed)
      let run = try search(keepsSmallest: true).run(
        from: .all(of: 48), on: &classifier, thresholds: thresholds)
      let returning = Array(run.order.reversed())
      for subset in run.visited {
        #expect(subset.pixels == returning.filter(Set(subset.pixels).contains))
      }
    }
  }

  @Test func `Fewer units that hold more pixels are no smaller subset`() {
    func evaluation(_ confidence: Double) -> Evaluation {
      Evaluation(score: confidence, confidence: confidence)
    }
    // Unit 0 holds four pixels, the others one each.
    let units = PixelUnits(labels: [0, 0, 0, 0, 1, 2, 3])
    func run(visited: [Int]) -> BackSelectRun {
      BackSelectRun(
        start: .all(of: 4), initial: evaluation(1),
        steps: zip([0, 1, 2, 3], [0.9, 0.5, 0.4, 0]).map {
          BackSelectStep(pixel: $0, after: evaluation($1))
        },
        visited: [
          VisitedSubset(
            criterion: .confidence(0.9), pixels: visited, evaluation: evaluation(0.95))
        ], cost: BackSelectCost())
    }
    // The order ends in units 1, 2 and 3 at 0.9: three pixels.
    #expect(units.comparedInPixels(run(visited: [0])).visited.isEmpty)
    let smaller = units.comparedInPixels(run(visited: [3, 1]))
    #expect(smaller.sufficientInputSubset(threshold: 0.9) == [3, 1])
    #expect(units.expanded(smaller).sufficientInputSubset(threshold: 0.9) == [6, 4])
    #expect(units.expanded(smaller).sufficientInputSubset(threshold: 0.5) == [6, 5])
  }
}

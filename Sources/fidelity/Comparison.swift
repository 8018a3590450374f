import Foundation
import Statistics

/// A method beside *exact* on one model, or on all of them.
struct Comparison {
  /// Geometric means of SIS size relative to *exact*, over images; intervals by Student's *t* on
  /// logarithms.
  struct Ratio {
    let n: Int
    let mean: Double
    let low: Double?
    let high: Double?

    /// `ofImages`: logarithms by threshold; those that each image has count as their mean.
    init?(ofImages logarithms: [[Double?]]) {
      self.init(
        logarithms: logarithms.compactMap { values in
          let known = values.compactMap { $0 }
          return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
        })
    }

    /// `logarithms`: one per image.
    init?(logarithms: [Double]) {
      guard let estimate = MeanEstimate(logarithms) else { return nil }
      n = estimate.n
      mean = exp(estimate.mean)
      low = estimate.low.map { exp($0) }
      high = estimate.high.map { exp($0) }
    }
  }

  let evaluations: Double
  let gradients: Double
  /// Multiply-adds per image, in units of 10⁹.
  let multiplyAdds: Double
  let seconds: Double
  /// Work relative to *exact*'s, a gradient counted at what it takes of this processor.
  let cost: Double
  /// Multiply-adds relative to *exact*'s.
  let multiplyAddsShare: Double
  /// Over the thresholds each image reaches.
  let ratio: Ratio?
  let ratioByThreshold: [Ratio?]
  /// Spearman's rank correlation with *exact* over the last 20% of its order, mean over images.
  let rankCorrelation: Double
  /// Steps per image that Float32 probability could not have decided.
  let probabilityTies: Double

  /// One image of a comparison: the trial beside *exact*'s.
  struct Pair {
    let trial: Trial
    let exact: Trial
    let costs: Subject.Costs
  }

  init(_ pairs: [Pair], thresholds: [Double]) {
    func mean(_ value: (Pair) -> Double) -> Double {
      pairs.reduce(0) { $0 + value($1) } / Double(pairs.count)
    }
    func work(_ trial: Trial, _ costs: Subject.Costs) -> Double {
      Double(trial.evaluations) + costs.gradientInEvaluations * Double(trial.gradients)
    }
    evaluations = mean { Double($0.trial.evaluations) }
    gradients = mean { Double($0.trial.gradients) }
    func multiplyAdds(_ trial: Trial, _ costs: Subject.Costs) -> Double {
      Double(
        trial.evaluations * costs.evaluationMultiplyAdds
          + trial.gradients * costs.gradientMultiplyAdds) * 1e-9
    }
    self.multiplyAdds = mean { multiplyAdds($0.trial, $0.costs) }
    multiplyAddsShare = mean {
      multiplyAdds($0.trial, $0.costs) / multiplyAdds($0.exact, $0.costs)
    }
    seconds = mean { $0.trial.processorSeconds }
    cost = mean { work($0.trial, $0.costs) / work($0.exact, $0.costs) }
    let logarithms = pairs.map { $0.trial.logRatios(to: $0.exact, thresholds: thresholds) }
    ratio = Ratio(ofImages: logarithms)
    ratioByThreshold = thresholds.indices.map { index in
      Ratio(logarithms: logarithms.compactMap { $0[index] })
    }
    rankCorrelation = mean { spearman($0.trial.order, $0.exact.order) }
    probabilityTies = mean { Double($0.trial.probabilityTies) }
  }
}

/// Rank correlation of two orders over the last 20% of the second one.
private func spearman(_ order: [Int], _ reference: [Int]) -> Double {
  let last = Array(reference.suffix((reference.count + 4) / 5))
  let members = Set(last)
  let ranks = Dictionary(
    uniqueKeysWithValues: order.filter(members.contains).enumerated().map { ($1, $0) })
  let n = Double(last.count)
  let squares = last.enumerated().reduce(0.0) { sum, entry in
    let difference = Double(entry.offset - (ranks[entry.element] ?? 0))
    return sum + difference * difference
  }
  return 1 - 6 * squares / (n * (n * n - 1))
}

import Foundation
import Statistics
import Testing

/// Draws whose true answer is known, and how often an interval holds it.
struct Draws: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Strictly between 0 and 1.
  mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) / 9_007_199_254_740_992 }

  mutating func isTrue(_ probability: Double) -> Bool { uniform() < probability }

  mutating func normal() -> Double {
    (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
  }

  mutating func exponential() -> Double { -log(uniform()) }

  /// Like SIS sizes of an audit: 15% empty, the others skewed to the right (gamma of shape 2).
  mutating func size(mean: Double) -> Double {
    isTrue(0.15) ? 0 : min(1, mean / 0.85 * (exponential() + exponential()) / 2)
  }

  /// Confidences on full image and subset: near 1, a share of subsets anywhere below.
  mutating func confidences(low: Double) -> (full: Double, subset: Double) {
    let full = 1 - 0.9 * uniform() * uniform() * uniform()
    return (full, isTrue(low) ? 0.05 + 0.7 * uniform() : 1 - 0.06 * uniform())
  }

  static func meanDrop(low: Double) -> Double {
    (1 - 0.9 / 8) - (low * 0.4 + (1 - low) * 0.97)
  }
}

/// An image of a sample drawn as audits draw it.
struct SampledImage {
  let isWrong: Bool
  let unit: SampleUnit
}

/// Sizes of dataset and sample, from nearly all of a small dataset to little of a large one.
struct Design: CustomTestStringConvertible, Sendable {
  let images: Int
  let limit: Int
  /// Probability that an image is misclassified.
  var wrong = 0.1

  var testDescription: String { "\(limit) of \(images)" }

  static let all = [
    Design(images: 1000, limit: 40), Design(images: 1000, limit: 12),
    Design(images: 60, limit: 40), Design(images: 100, limit: 100),
  ]

  /// A dataset drawn from all images there could be, and a sample of it as `AuditSample` takes it:
  /// misclassified images first, up to half of the limit.
  func sample(_ draws: inout Draws) -> [SampledImage] {
    let isWrong = (0..<images).map { _ in draws.isTrue(wrong) }
    guard limit < images else {
      return isWrong.map { SampledImage(isWrong: $0, unit: .simple(of: images)) }
    }
    let wrongImages = isWrong.count { $0 }
    let right = images - wrongImages
    let takenWrong = min(wrongImages, max(limit / 2, limit - right))
    let takenRight = min(right, limit - takenWrong)
    func taken(_ count: Int, of population: Int, _ stratum: Int) -> [SampledImage] {
      guard count > 0 else { return [] }
      let unit = SampleUnit(stratum: stratum, sampled: count, population: population)
      return (0..<count).map { _ in SampledImage(isWrong: stratum == 0, unit: unit) }
    }
    return taken(takenWrong, of: wrongImages, 0) + taken(takenRight, of: right, 1)
  }
}

/// What became of the intervals of 2,000 seeded draws.
struct Coverage {
  /// Share of the draws that have an interval.
  let known: Double
  /// Share of those whose interval holds the truth.
  let held: Double

  /// Nominal 95%.
  var isNominal: Bool { (0.92...0.97).contains(held) }

  /// For numbers that take few values, and where a bound holds for any distribution: never too short.
  var isAtLeastNominal: Bool { held >= 0.92 }

  init(
    truth: Double, draws count: Int = 2000,
    _ interval: (inout Draws) -> (low: Double?, high: Double?)?
  ) {
    var draws = Draws(seed: 7)
    var (known, held) = (0, 0)
    for _ in 0..<count {
      guard let bounds = interval(&draws), let low = bounds.low, let high = bounds.high else {
        continue
      }
      known += 1
      if low <= truth, truth <= high { held += 1 }
    }
    self.known = Double(known) / Double(count)
    self.held = Double(held) / Double(max(known, 1))
  }
}

extension MeanEstimate {
  var bounds: (low: Double?, high: Double?) { (low, high) }
}

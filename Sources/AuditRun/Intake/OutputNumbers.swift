import Foundation
import Inference

/// What the outputs of the first images are, by their numbers: evidence beside the graph's.
struct OutputNumbers: Equatable {
  let images: Int
  /// All numbers lie within 0...1.
  let areInUnit: Bool
  /// Every row sums to 1.
  let sumToOne: Bool
  /// No number is above 0, and e to each sums to 1 in every row.
  let areLogarithms: Bool
  /// Rows lie within 0...1 and sum to 1 up to what 1/256 rounds off each class, as quantised ones do.
  let areRoundedShares: Bool
  let low: Float
  let high: Float

  /// Rounding in half precision stays below.
  private static let allowance = 0.01

  /// `rows`: `[images, classes]`, dense.
  init(_ rows: [Float], classes: Int) {
    images = rows.count / classes
    low = rows.min() ?? 0
    high = rows.max() ?? 0
    areInUnit = low >= -1e-6 && high <= 1 + 1e-4
    func allSum(_ value: (Float) -> Double) -> Bool {
      stride(from: 0, to: rows.count, by: classes).allSatisfy { start in
        let sum = rows[start..<start + classes].reduce(0.0) { $0 + value($1) }
        return abs(sum - 1) <= OutputNumbers.allowance
      }
    }
    areRoundedShares =
      areInUnit && rows.contains { $0 > 0 } && rows.allSatisfy { ($0 * 256).rounded() == $0 * 256 }
      && stride(from: 0, to: rows.count, by: classes).allSatisfy { start in
        let sum = rows[start..<start + classes].reduce(0.0) { $0 + Double($1) }
        return abs(sum - 1) <= Double(classes) / 512
      }
    sumToOne = areInUnit && allSum { Double($0) }
    areLogarithms = high <= 1e-4 && allSum { exp(Double($0)) }
  }

  /// In words.
  var description: String {
    let what =
      if sumToOne {
        "lie within 0…1 and sum to 1"
      } else if areLogarithms {
        "are logarithms of numbers that sum to 1"
      } else if areInUnit {
        "lie within 0…1 and do not sum to 1"
      } else {
        String(format: "reach from %.4g to %.4g", low, high)
      }
    return "the numbers of \(images) image\(images == 1 ? "" : "s") \(what)"
  }

  /// What graph and numbers together say; nil when they disagree or neither tells.
  func kind(_ ending: OutputEnding.Kind) -> Network.OutputKind? {
    switch ending {
    case .softmax: sumToOne || areRoundedShares ? .probabilities : nil
    case .logSoftmax: areLogarithms ? .logProbabilities : nil
    // Sigmoids of one class may well sum to 1.
    case .sigmoid: areInUnit ? .sigmoid : nil
    case .linear: sumToOne ? .probabilities : areLogarithms ? .logProbabilities : .logits
    case .other:
      sumToOne
        ? .probabilities : areLogarithms ? .logProbabilities : areInUnit ? nil : .logits
    }
  }

  /// Whether the numbers can be what a user states.
  func canBe(_ kind: Network.OutputKind) -> Bool {
    switch kind {
    case .logits: true
    case .probabilities: sumToOne || areRoundedShares
    case .logProbabilities: areLogarithms
    case .sigmoid: areInUnit
    }
  }
}

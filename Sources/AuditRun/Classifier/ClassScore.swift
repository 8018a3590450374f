import Audit
import Foundation
import Inference
import SufficientInputSubsets

/// Confidence and log-odds of one class, from a model's output row.
package struct ClassScore: Sendable {
  package let classIndex: Int
  package let outputKind: Network.OutputKind

  /// Below it a probability is taken for this, whose logarithm is finite.
  private static let tiny = Double(Float.leastNormalMagnitude)

  package init(classIndex: Int, outputKind: Network.OutputKind) {
    self.classIndex = classIndex
    self.outputKind = outputKind
  }

  /// The class with the highest output; ties go to the lowest index.
  package static func predictedClass(_ row: some RandomAccessCollection<Float>) -> Int {
    var best = row.startIndex
    for index in row.indices where row[index] > row[best] { best = index }
    return row.distance(from: row.startIndex, to: best)
  }

  /// log f_c − log(1 − f_c), where 1 − f_c is summed over the other classes so that nothing cancels;
  /// of sigmoids the logit of the class's own.
  package func logOdds(_ row: some RandomAccessCollection<Float>) -> Double {
    let own = Double(row[row.index(row.startIndex, offsetBy: classIndex)])
    switch outputKind {
    case .logits, .logProbabilities:
      return own - logSumExpOfOthers(row)
    case .probabilities:
      return log(max(own, ClassScore.tiny)) - log(max(sumOfOthers(row), ClassScore.tiny))
    case .sigmoid:
      return log(max(own, ClassScore.tiny)) - log(max(1 - own, ClassScore.tiny))
    }
  }

  /// f_c, in 0...1.
  package func confidence(_ row: some RandomAccessCollection<Float>) -> Double {
    1 / (1 + exp(-logOdds(row)))
  }

  /// What BackSelect is told of a row of outputs: score, confidence, and how exact the score is.
  package func evaluation(
    _ row: some RandomAccessCollection<Float>, _ kind: ScoreKind
  ) -> Evaluation {
    let logOdds = logOdds(row)
    // As records store it, so that every comparison with a threshold sees the same number.
    let confidence = Double(Float(1 / (1 + exp(-logOdds))))
    let isTop = ClassScore.predictedClass(row) == classIndex
    switch kind {
    case .logOdds:
      // Log-odds are the difference of two outputs, which the network computed in Float32.
      let own = Double(row[row.index(row.startIndex, offsetBy: classIndex)])
      let scale = max(1, own.magnitude, (own - logOdds).magnitude)
      return Evaluation(
        score: logOdds, confidence: confidence,
        resolution: max(scale * Evaluation.relativeResolution, roundingOfComplement(own, logOdds)),
        isTop: isTop)
    case .probability:
      return Evaluation(score: confidence, confidence: confidence, isTop: isTop)
    }
  }

  /// How far the log-odds of a probability p near 1 move when its last bit does: 1 − p is known no
  /// better than p.
  ///
  /// 0 where 1 − p is a sum of other outputs, each with digits of its own.
  private func roundingOfComplement(_ p: Double, _ logOdds: Double) -> Double {
    guard outputKind == .sigmoid else { return 0 }
    let next = max(p - 0x1p-23, ClassScore.tiny)
    return logOdds - (log(next) - log(1 - next))
  }

  /// The gradient of the score by the output row.
  package func gradient(_ row: [Float], _ kind: ScoreKind) -> [Float] {
    var gradient: [Double]
    switch outputKind {
    case .logits, .logProbabilities:
      // ∂ log-odds / ∂z_j = −softmax over the other classes; 1 for the class itself.
      let logSum = logSumExpOfOthers(row)
      gradient = row.map { -exp(Double($0) - logSum) }
      gradient[classIndex] = 1
    case .probabilities:
      let others = -1 / max(sumOfOthers(row), ClassScore.tiny)
      gradient = row.map { _ in others }
      gradient[classIndex] = 1 / max(Double(row[classIndex]), ClassScore.tiny)
    case .sigmoid:
      // ∂ log-odds / ∂p = 1 / (p (1 − p)); other classes do not matter.
      let own = Double(row[classIndex])
      gradient = row.map { _ in 0 }
      gradient[classIndex] = 1 / max(own * (1 - own), ClassScore.tiny)
    }
    if kind == .probability {
      // ∂f/∂(log-odds) = f (1 − f)
      let f = confidence(row)
      gradient = gradient.map { $0 * f * (1 - f) }
    }
    return gradient.map { Float($0) }
  }

  private func logSumExpOfOthers(_ row: some RandomAccessCollection<Float>) -> Double {
    var largest = -Double.infinity
    for (index, value) in row.enumerated() where index != classIndex {
      largest = max(largest, Double(value))
    }
    var sum = 0.0
    for (index, value) in row.enumerated() where index != classIndex {
      sum += exp(Double(value) - largest)
    }
    return largest + log(sum)
  }

  private func sumOfOthers(_ row: some RandomAccessCollection<Float>) -> Double {
    var sum = 0.0
    for (index, value) in row.enumerated() where index != classIndex { sum += Double(value) }
    return sum
  }
}

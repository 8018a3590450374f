import Audit
import AuditRun
import Foundation
import Inference
import Testing

@Suite struct ClassScoreTests {
  private let logits: [Float] = [1.5, -0.25, 3, 0.5]

  private var probabilities: [Float] {
    let sum = logits.reduce(0) { $0 + exp($1) }
    return logits.map { exp($0) / sum }
  }

  @Test func `Logits and probabilities give the same log-odds and confidence`() {
    for classIndex in 0..<4 {
      let fromLogits = ClassScore(classIndex: classIndex, outputKind: .logits)
      let fromProbabilities = ClassScore(classIndex: classIndex, outputKind: .probabilities)
      let p = Double(probabilities[classIndex])
      #expect(abs(fromLogits.confidence(logits) - p) < 1e-6)
      #expect(abs(fromLogits.logOdds(logits) - log(p / (1 - p))) < 1e-5)
      #expect(
        abs(fromProbabilities.logOdds(probabilities) - fromLogits.logOdds(logits)) < 1e-5)
    }
  }

  @Test func `Log-odds still tell where probability is 1 in Float32`() {
    let score = ClassScore(classIndex: 0, outputKind: .logits)
    let (a, b): ([Float], [Float]) = ([40, 0], [41, 0])
    #expect(Float(score.confidence(a)) == Float(score.confidence(b)))
    #expect(score.evaluation(a, .logOdds).score < score.evaluation(b, .logOdds).score)
    #expect(score.evaluation(a, .probability).score == score.evaluation(b, .probability).score)
  }

  @Test(arguments: ScoreKind.allCases, Network.OutputKind.allCases)
  func `Gradients agree with central differences`(
    _ kind: ScoreKind, _ output: Network.OutputKind
  ) {
    let row = output == .logits ? logits : probabilities
    let score = ClassScore(classIndex: 2, outputKind: output)
    func value(_ row: [Float]) -> Double {
      kind == .logOdds ? score.logOdds(row) : score.confidence(row)
    }
    let gradient = score.gradient(row, kind)
    for i in row.indices {
      var (above, below) = (row, row)
      above[i] += 1e-3
      below[i] -= 1e-3
      let difference = (value(above) - value(below)) / Double(above[i] - below[i])
      #expect(abs(difference - Double(gradient[i])) < 2e-3 * max(1, abs(difference)))
    }
  }

  @Test func `The first of equal classes is predicted`() {
    #expect(ClassScore.predictedClass([1, 3, 3, 2] as [Float]) == 1)
  }
}

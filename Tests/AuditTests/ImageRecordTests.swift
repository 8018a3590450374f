import Audit
import Foundation
import SufficientInputSubsets
import Testing

@Suite struct ImageRecordTests {
  private func evaluation(_ confidence: Double, isTop: Bool) -> Evaluation {
    Evaluation(score: confidence, confidence: confidence, isTop: isTop)
  }

  /// Pixels are masked in their own order; confidence falls by a quarter a pixel.
  private func record(visited: [VisitedSubset]) -> ImageRecord {
    let run = BackSelectRun(
      start: .all(of: 4), initial: evaluation(1, isTop: true),
      steps: (0..<4).map {
        BackSelectStep(pixel: $0, after: evaluation(0.75 - 0.25 * Double($0), isTop: $0 < 2))
      },
      visited: visited, cost: BackSelectCost())
    return ImageRecord(
      run, minimal: nil, image: 7, identifier: "7", label: 0, predictedClass: 0, logits: [1, 0],
      height: 2, width: 2, channels: 1, imageDigest: "00", display: [0, 1, 2, 3])
  }

  @Test func `A subset is the end of the order`() {
    let record = record(visited: [])
    #expect(record.sufficientInputSubset(0.6) == [3, 2, 1])
    #expect(record.sisSize(0.6) == 3)
    #expect(record.sisConfidence(0.6) == 0.75)
    #expect(record.topOneSubset == [3, 2])
    #expect(record.topOneSize == 2)
    #expect(record.topOneConfidence == 0.5)
  }

  @Test func `A smaller set that the search met comes before the end of the order`() throws {
    let record = record(visited: [
      VisitedSubset(
        criterion: .confidence(0.6), pixels: [2, 0], evaluation: evaluation(0.625, isTop: true)),
      VisitedSubset(criterion: .topOne, pixels: [1], evaluation: evaluation(0.25, isTop: true)),
    ])
    let stored = try JSONDecoder().decode(ImageRecord.self, from: JSONEncoder().encode(record))
    #expect(stored == record)
    #expect(stored.sufficientInputSubset(0.6) == [2, 0])
    #expect(stored.sisSize(0.6) == 2)
    #expect(stored.sisConfidence(0.6) == 0.625)
    #expect(stored.topOneSubset == [1])
    #expect(stored.topOneSize == 1)
    #expect(stored.topOneConfidence == 0.25)
    // It was met at one threshold, and says nothing of others.
    #expect(stored.sufficientInputSubset(0.5) == [3, 2])
    #expect(stored.sisConfidence(0.5) == 0.5)
  }

  @Test func `There is no subset above the image's own confidence`() {
    let record = record(visited: [])
    #expect(record.sufficientInputSubset(1.5) == nil)
    #expect(record.sisSize(1.5) == nil)
    #expect(record.sisConfidence(1.5) == nil)
  }
}

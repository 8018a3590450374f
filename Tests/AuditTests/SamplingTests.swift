import Audit
import Testing

@Suite struct SamplingTests {
  @Test func `Takes misclassified images first, up to half of the limit`() {
    let isWrong = (0..<100).map { $0 % 10 == 3 }
    let sample = AuditSample(isWrong: isWrong, limit: 12, seed: 5)
    #expect(sample.images.count == 12)
    #expect(sample.images.count { isWrong[$0] } == 6)
    #expect(sample.images == sample.images.sorted())
    #expect(sample.strata.map(\.population) == [10, 90])
    #expect(sample == AuditSample(isWrong: isWrong, limit: 12, seed: 5))
    #expect(sample != AuditSample(isWrong: isWrong, limit: 12, seed: 6))
  }

  @Test func `Fills up with correct images when few are misclassified`() {
    let sample = AuditSample(isWrong: (0..<50).map { $0 < 2 }, limit: 20, seed: 0)
    #expect(sample.strata.map(\.sampled) == [2, 18])
    #expect(sample.weight(0) == 1)
  }

  @Test func `Takes everything without a limit`() {
    let sample = AuditSample(isWrong: [true, false, true], limit: nil, seed: 0)
    #expect(sample.images == [0, 1, 2])
    #expect(sample.strata.count == 1)
  }

  @Test func `Weights make the sampled share of wrong images the dataset's`() throws {
    let isWrong = (0..<100).map { $0 % 10 == 3 }
    let sample = AuditSample(isWrong: isWrong, limit: 12, seed: 5)
    let total = sample.images.indices.reduce(0) { $0 + sample.weight($1) }
    let wrong = sample.images.indices.reduce(0.0) {
      $0 + (isWrong[sample.images[$1]] ? sample.weight($1) : 0)
    }
    #expect(abs(wrong / total - 0.1) < 1e-12)
  }

  @Test func `Whatever is searched first is a sample too`() {
    let isWrong = (0..<100).map { $0 % 10 == 3 }
    let sample = AuditSample(isWrong: isWrong, limit: 12, seed: 5)
    #expect(sample.searchOrder.sorted() == Array(0..<12))
    for count in [2, 4, 8] {
      let first = sample.searchOrder.prefix(count)
      #expect(first.count { isWrong[sample.images[$0]] } == count / 2)
    }
    let whole = AuditSample(isWrong: isWrong, limit: nil, seed: 5)
    #expect(whole.searchOrder.sorted() == Array(0..<100))
    #expect(whole.searchOrder != Array(0..<100))
  }

  @Test func `What is kept of a sample stands for as many images as before`() {
    let isWrong = (0..<100).map { $0 % 10 == 3 }
    let sample = AuditSample(isWrong: isWrong, limit: 12, seed: 5)
    let positions = Set(sample.searchOrder.prefix(4))
    let kept = sample.keeping(positions, ended: "Time ended.")
    #expect(kept.images == positions.sorted().map { sample.images[$0] })
    #expect(kept.strata.map(\.sampled) == [2, 2])
    #expect(kept.strata.map(\.population) == [10, 90])
    #expect(
      kept.searchOrder.map { kept.images[$0] }
        == sample.searchOrder.prefix(4).map { sample.images[$0] })
    #expect(abs(kept.images.indices.reduce(0) { $0 + kept.weight($1) } - 100) < 1e-12)
    #expect(kept.description.hasSuffix("Time ended."))
  }

  @Test func `Random draws repeat, differ by stream and are without replacement`() {
    var a = SeededGenerator(seed: 1, stream: 2)
    var b = SeededGenerator(seed: 1, stream: 2)
    var c = SeededGenerator(seed: 1, stream: 3)
    let sample = a.sample(40, of: 784)
    #expect(sample == b.sample(40, of: 784))
    #expect(sample != c.sample(40, of: 784))
    #expect(Set(sample).count == 40)
  }
}

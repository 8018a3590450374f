import Audit
import Datasets
import Testing

@Suite struct DifferingReadingTests {
  private let now = [
    Reading(.numbers, "logits", .evidence), Reading(.preprocessing, "mean 0.5", .stated),
    Reading(.orientation, "applied", .stated),
  ]
  private let then = [
    Reading(.numbers, "logits", .stated, because: "another reason"),
    Reading(.preprocessing, "mean 0.4", .stated),
  ]

  @Test func `Names what two runs read differently, not why`() {
    let found = DifferingReading.differing("m", now, then)
    #expect(found.map(\.question) == ["EXIF rotation", "preprocessing"])
    #expect(found.map(\.current) == ["applied", "mean 0.5"])
    #expect(found.map(\.baseline) == ["not asked", "mean 0.4"])
  }

  @Test func `Runs that did not say how they read are not compared in it`() {
    #expect(DifferingReading.differing(nil, now, nil).isEmpty)
    #expect(DifferingReading.differing(nil, now, now).isEmpty)
  }
}

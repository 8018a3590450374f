import Spelling
import Testing

@Suite struct NearestNameTests {
  @Test func `Suggests the nearest name, or none`() {
    #expect(nearest(to: "Reluu", among: ["Add", "Relu", "Gelu"]) == "Relu")
    #expect(nearest(to: "GridSample", among: ["Add", "Relu"]) == nil)
  }

  @Test func `Letters swapped are one change, and case is none`() {
    #expect(nearest(to: "ACUCRACY", among: ["accuracy", "settings"]) == "accuracy")
    #expect(nearest(to: "mni", among: ["max", "min"]) == "min")
  }

  @Test func `Of names as near the first by alphabet is meant`() {
    #expect(nearest(to: "bat", among: ["cat", "bar"]) == "bar")
  }
}

import Figures
import Testing

@Suite struct FontCoverageTests {
  @Test func `Letters of installed fonts lack nothing`() {
    #expect(FontCoverage.texts(lackedIn: ["Ankle boot", "naïve café", "μ"]).isEmpty)
  }

  @Test func `Letters that no font can have are found`() {
    // A private character of no script.
    #expect(FontCoverage.texts(lackedIn: ["cat", "x\u{10FFFD}"]) == ["x\u{10FFFD}"])
  }

  @Test func `Names the package that has a script's letters`() {
    #expect(FontCoverage.package(for: "猫") == "fonts-noto-cjk")
    #expect(FontCoverage.package(for: "고양이") == "fonts-noto-cjk")
    #expect(FontCoverage.package(for: "🐈") == "fonts-noto-color-emoji")
    #expect(FontCoverage.package(for: "बिल्ली") == "fonts-noto-core")
  }
}

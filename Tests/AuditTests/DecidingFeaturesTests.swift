import Audit
import Foundation
import Reports
import Statistics
import Testing

@Suite struct DecidingFeaturesTests {
  private static let images = (0..<40).map {
    HandmadeAudit.Image(size: 1 + $0 % 4, isRight: $0 % 3 > 0)
  }

  private func audit(_ features: [FeatureResults?]) throws -> AuditResults {
    try HandmadeAudit.results(
      features.indices.map { ("net\($0)", Self.images) }
    ).with(features: features)
  }

  @Test func `A component that suffices alone counts until people call it core`() throws {
    let results = try audit([
      HandmadeFeatures.results("net0"),
      HandmadeFeatures.results("net1", labels: HandmadeFeatures.labels(.core)),
      HandmadeFeatures.results("net2", flipRate: 0.1),
    ])
    let value = try #require(results.value(of: DecidingFeatures.self))
    #expect(
      value.models.map(\.sufficient) == [1, 0, 0] && value.models.map(\.tested) == [4, 4, 4])
    #expect(value.models[0].flipRate == HandmadeFeatures.rate(0.4))
    #expect(value.models[1].flipRate == nil)
    let sentences = Verdict.sentences(results)
    #expect(sentences[0].contains("turn 40% of other images into “a”"))
    #expect(sentences[2].contains("No feature decides alone"))
  }

  @Test func `Without --features it did not run, and says so`() throws {
    for features in [[], [nil, HandmadeFeatures.results("net1")]] as [[FeatureResults?]] {
      let results = try HandmadeAudit.results([("net0", Self.images), ("net1", Self.images)])
        .with(features: features)
      let section = MeasuredSection.all(results).first { $0.key == "features" }
      #expect(section?.value == nil && section?.reasonNotRun == "it takes --features")
      #expect(!Verdict.sentences(results)[1].contains("components"))
    }
  }

  @Test func `Policies and trends know its numbers`() throws {
    let results = try audit([
      HandmadeFeatures.results(
        "net0", labels: HandmadeFeatures.labels(.spurious), scores: HandmadeFeatures.scores,
        leading: HandmadeFeatures.leading(0..<20))
    ])
    let numbers = try AuditNumbers(results, sections: MeasuredSection.all(results))
    func value(_ name: String) -> Double? {
      guard case .found(let found) = numbers.find(name) else { return nil }
      return found.first?.value
    }
    #expect(value("features.sufficient") == 1 && value("features") == 1)
    #expect(value("features.flip_rate") == 0.4)
    #expect(value("features.average_precision") == 0.7)
    #expect(value("features.core_accuracy") == 0.5)
    #expect(value("subsets_in_features.suspect") == 1)
    for name in ["features.sufficient", "features.flip_rate", "subsets_in_features.inside"] {
      #expect(Metric.isKnown(name))
    }
  }

  @Test func `Subset pixels are held against the region of the component that leads`() throws {
    // Two of four pixels are the subset: the last ones, which the region is.
    let results = try audit([
      HandmadeFeatures.results("net0", leading: HandmadeFeatures.leading(0..<20, component: 1))
    ])
    let model = try #require(results.value(of: SubsetsInFeatures.self)?.models.first)
    #expect(model.n == 20 && model.inside?.mean == 1 && model.area?.mean == 0.5)
    #expect(model.suspect?.mean == 0 && model.components.map(\.n) == [20])
    #expect(model.components.first?.share == 0.75)
  }

  @Test func `The report shows pictures of the model, and labels and scores once there are some`()
    throws
  {
    let results = try audit([
      HandmadeFeatures.results(
        "net0", labels: HandmadeFeatures.labels(.spurious), scores: HandmadeFeatures.scores)
    ])
    let section = try #require(MeasuredSection.all(results).first { $0.key == "features" })
    let blocks = (section.blocks + section.modelBlocks[0]).flatMap { block in
      if case .details(let details) = block { details.blocks } else { [block] }
    }
    let grids = blocks.compactMap { block -> ImageGrid? in
      if case .imageGrid(let grid) = block { grid } else { nil }
    }
    #expect(grids.map(\.name) == ["net0-class-0-component-0", "net0-made"])
    #expect(grids[0].items[0].pictures.count == 3 && grids[0].heading.contains("labelled spurious"))
    let texts = blocks.compactMap { block -> String? in
      if case .paragraph(let text) = block { text } else { nil }
    }
    #expect(
      texts.contains { $0.contains("2 people labelled components") && $0.contains("1 spurious") })
    let tables = blocks.count { if case .table = $0 { true } else { false } }
    #expect(tables == 3)
  }

  @Test func `The baseline tells which sufficient components are new`() throws {
    let now = try audit([HandmadeFeatures.results("net0")])
    func since(_ baseline: FeatureResults?) throws -> SufficientSince? {
      try Comparison(
        now, baseline: audit([baseline]), baselineName: "then", baselineDate: nil
      ).models[0].sufficient
    }
    // The same images lead it, whatever the numbers are called.
    let same = try #require(
      try since(HandmadeFeatures.results("net0", alphas: [[6, 4, 2, 0], [0, 1, 0, 1]])))
    #expect(same.new.isEmpty && same.gone == 0 && same.components[0].baseline == 0)
    let other = try #require(
      try since(HandmadeFeatures.results("net0", alphas: [[0, 1, 0, 1], [1, 0, 1, 0]])))
    #expect(other.new.map(\.name) == ["a"] && other.gone == 1)
    let clean = try #require(try since(HandmadeFeatures.results("net0", flipRate: 0.1)))
    #expect(clean.new.count == 1 && clean.gone == 0 && clean.components[0].baseline == 0)
    let none = try since(nil)
    let elsewhere = try since(HandmadeFeatures.results("net0", images: "other"))
    #expect(none == nil && elsewhere == nil)
  }

  @Test func `The page for labels has every pictured component, those that suffice first`() throws {
    let page = LabelPage.make(HandmadeFeatures.results("net, of \"mine\""))
    #expect(page.items.count == 4 && page.items[0].title == "a, component 0")
    #expect(page.items[0].note.contains("decides alone"))
    let templates = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../templates").standardizedFileURL.path
    let html = String(decoding: try page.render(templates: templates), as: UTF8.self)
    #expect(html.contains("<fieldset") && html.contains("&quot;mine") && !html.contains("{{"))
    for outside in ["http://", "https://", "src=\"/"] { #expect(!html.contains(outside)) }
  }

  @Test func `Correlation is of what varies`() {
    #expect(abs(correlation([1, 2, 3], [2, 4, 6]) - 1) < 1e-12)
    #expect(abs(correlation([1, 2, 3], [3, 2, 1]) + 1) < 1e-12)
    #expect(correlation([1, 1], [1, 2]) == 0 && correlation([], []) == 0)
  }
}

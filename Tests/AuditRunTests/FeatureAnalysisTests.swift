import Audit
import AuditRun
import Datasets
import Features
import Foundation
import Inference
import SharedWork
import Testing

/// The features a model rests on, where that is known; see `fixtures/shortcut-tag`.
@Suite struct FeatureAnalysisTests {
  private static let shirt = 6

  private func intake(_ model: String, data: String = "fashion-mnist") throws -> Intake {
    var statements = IntakeStatements(data: "\(FixtureAudit.root)/\(data)")
    statements.labelsFile = "\(FixtureAudit.root)/fashion-mnist/classes.txt"
    return try Intake(models: ["\(FixtureAudit.root)/\(model).onnx"], statements, workers: 2)
  }

  private func analysis(
    _ model: String, featureData: String? = nil, classes: Set<Int>,
    _ change: (inout FeatureAnalysis.Settings) -> Void = { _ in }, workers: Int = 2
  ) throws -> FeatureAnalysis {
    var settings = FeatureAnalysis.Settings()
    settings.classes = classes
    settings.visualizes = false
    change(&settings)
    let source = try featureData.map { try intake(model, data: $0).dataset }
    let read = try intake(model)
    return try FeatureAnalysis(
      read.models[0], on: read.dataset, source: source, at: nil, settings: settings,
      workers: workers)
  }

  /// What an analysis finds, in a folder of its own.
  private func results(_ analysis: FeatureAnalysis) throws -> FeatureResults {
    try FixtureAudit.withTemporaryFolder { folder in
      try analysis.run(into: FeatureStore(folder)) { _ in }
    }
  }

  @Test func `The planted shortcut is found, on the mark, and first`() throws {
    let results = try results(
      analysis(
        "shortcut-tag/shortcut-tag", featureData: "shortcut-tag/train", classes: [Self.shirt, 9]))
    let findings = results.findings
    #expect(findings.images == 3000 && findings.classes.map(\.n) == [300, 300])
    #expect(findings.auditedImages == 1000 && findings.correct == 905)
    let found = try #require(findings.sufficient.first)
    #expect(findings.sufficient.count == 1 && found.known.classIndex == Self.shirt)
    #expect(found.component == findings.classes[0].components[0])
    // The mark itself turns 23%; 0.7 of it is asked for, and less than 0.3 of it of controls.
    let rate = try #require(found.component.flipRate)
    #expect(rate.mean > 0.7 * 0.23 && rate.n == 10 && found.component.targets == 100)
    for control in [
      found.component.controlMedian, found.component.controlRandom, found.component.controlShuffled,
    ] {
      #expect(try #require(control).mean < 0.3 * 0.23)
    }
    // Moving all of its α turns at least as many as its regions do.
    #expect(found.component.reach >= rate.mean)
    for example in results.pictures[0][0].examples {
      let heat = example.heat.values.map { Double($0) }
      let onMark = heat.indices.filter { position in
        (0...9).contains(position / 28) && (18...27).contains(position % 28)
      }.reduce(0) { $0 + heat[$1] }
      #expect(onMark >= 0.8 * heat.reduce(0, +))
      // The whole mark is pasted, with little else.
      #expect(
        example.region.count { (2...5).contains($0 / 28) && (22...25).contains($0 % 28) } == 16)
      #expect(example.region.count < 784 / 10)
    }
    let document = FeatureDocument.make(results, date: "2026-01-01")
    #expect(document.sections.map(\.id).prefix(2) == ["features", "class-6"])
  }

  @Test func `Clean models have none, whatever the number of workers`() throws {
    let classes: Set<Int> = [5, 8]
    let found = try [2, 1].map { workers in
      try results(analysis("models/resnet20-b", classes: classes, workers: workers))
    }
    let findings = found[0].findings
    #expect(findings.tested == 20 && findings.sufficient.isEmpty)
    #expect(found[0].records == found[1].records)
    // Shares are of all components, of which these are the largest.
    for known in findings.classes {
      let shares = known.components.map(\.share)
      #expect(shares == shares.sorted(by: >) && shares.reduce(0, +) <= 1)
      #expect(known.importance.count == 5)
    }
    // What could turn hardly anything is not pasted, and what was not is not called.
    for component in findings.classes.flatMap(\.components) {
      #expect((component.flipRate == nil) == (component.reach < findings.trial.leastRate))
    }
  }

  @Test func `Findings are read as they were written`() throws {
    let findings = try results(analysis("models/vgg8", classes: [0]) { $0.components = 2 }).findings
    let data = try CanonicalJSON.encode(findings, pretty: true)
    #expect(try JSONDecoder().decode(FeatureFindings.self, from: data) == findings)
    let text = String(decoding: data, as: UTF8.self)
    for key in [
      "features_at", "top_images", "region_area", "flip_rate", "control_median", "border_share",
    ] {
      #expect(text.contains("\"\(key)\""))
    }
  }

  @Test
  func `What was stopped goes on to the same records, and finished classes are not made again`()
    throws
  {
    let analysis = try analysis("models/vgg8", classes: [0, 3]) { $0.components = 2 }
    let whole = try results(analysis)
    try FixtureAudit.withTemporaryFolder { folder in
      let store = FeatureStore(folder)
      try store.begin(whole.plan)
      try store.write(whole.records[0])
      let path = "\(folder)/class-0.json"
      let before =
        try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      let resumed = try analysis.run(into: store) { _ in }
      #expect(resumed.records == whole.records)
      let after = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      #expect(before == after)
      // A damaged record is no result, and one of other settings is not taken for these.
      try Data("0".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: AuditError.self) { try store.results() }
      var other = try self.analysis("models/vgg8", classes: [0, 3]) {
        $0.components = 2
        $0.seed = 1
      }
      other.acceptsAnyAccuracy = true
      try store.write(FeatureLabels(sheets: []))
      #expect(store.labels != nil)
      let seeded = try other.run(into: store) { _ in }
      #expect(store.labels == nil)
      try store.write(FeatureLabels(sheets: []))
      let (drops, keeps) = try (store.begin(whole.plan), store.begin(whole.plan))
      #expect(drops && !keeps)
      #expect(
        seeded.plan != whole.plan && seeded.records.map(\.targets) != whole.records.map(\.targets))
    }
  }

  @Test func `Classes with few images are named, and where all are too small that is an error`()
    throws
  {
    let labels = try #require(try intake("models/vgg8").dataset.labels)
    let counts = (0...1).map { k in labels.count { $0 == k } }
    let larger = counts[0] > counts[1] ? 0 : 1
    try #require(counts[0] != counts[1])
    let findings = try results(
      analysis("models/vgg8", classes: [0, 1]) {
        $0.fewest = counts[larger]
        $0.components = 1
      }
    ).findings
    #expect(findings.classes.map(\.classIndex) == [larger])
    #expect(findings.skipped.map(\.n) == [counts[1 - larger]])
    let none = try analysis("models/vgg8", classes: [1]) { $0.fewest = 1000 }
    #expect(throws: FeatureError.self) { try results(none) }
  }

  @Test func `A layer that is not the last is found out`() throws {
    let read = try intake("models/resnet20-a")
    let analysis = try? FeatureAnalysis(
      read.models[0], on: read.dataset, source: nil, at: "/conv/Conv",
      settings: FeatureAnalysis.Settings(), workers: 2)
    #expect(analysis == nil)
  }
}

import Audit
import AuditRun
import Datasets
import Foundation
import Testing

/// A planted shortcut: labelled, scored, and taken out of the model's file.
@Suite struct FeatureRepairTests {
  private static let shirt = 6

  private static func intake(_ data: String) throws -> Intake {
    var statements = IntakeStatements(data: "\(FixtureAudit.root)/\(data)")
    statements.labelsFile = "\(FixtureAudit.root)/fashion-mnist/classes.txt"
    return try Intake(
      models: ["\(FixtureAudit.root)/shortcut-tag/shortcut-tag.onnx"], statements, workers: 2)
  }

  /// The features of Shirt, found once for all tests.
  private static let found: (results: FeatureResults, read: Intake, source: Dataset)? = try? {
    let (read, source) = try (intake("fashion-mnist"), intake("shortcut-tag/train").dataset)
    var settings = FeatureAnalysis.Settings()
    settings.classes = [shirt]
    settings.visualizes = false
    let analysis = try FeatureAnalysis(
      read.models[0], on: read.dataset, source: source, at: nil, settings: settings, workers: 2)
    let results = try FixtureAudit.withTemporaryFolder { folder in
      try analysis.run(into: FeatureStore(folder)) { _ in }
    }
    return (results, read, source)
  }()

  /// With labels as a person wrote them.
  private func labelled(_ rows: String, in results: FeatureResults) throws -> FeatureResults {
    let labels = try FixtureAudit.withTemporaryFolder { folder in
      let path = "\(folder)/ana.csv"
      try "class,component,label\n\(rows)".write(toFile: path, atomically: true, encoding: .utf8)
      return try FeatureLabels(contentsOf: [path], about: results.findings)
    }
    return FeatureResults(plan: results.plan, records: results.records, labels: labels)
  }

  /// Test images of other classes with the mark drawn on them.
  private func marked(_ images: [Int], _ model: AuditedModel, _ dataset: Dataset) throws
    -> [[Float]]
  {
    let (black, white): (Float, Float) = ((0 - 0.2860) / 0.3530, (1 - 0.2860) / 0.3530)
    return try images.map { index in
      var image = try model.image(index, of: dataset)
      for row in 2...5 {
        for column in 22...25 { image[row * 28 + column] = (row + column) % 2 == 0 ? white : black }
      }
      return image
    }
  }

  @Test func `The repaired file no longer takes the mark for a shirt, and is as accurate`() throws {
    let (results, read, source) = try #require(Self.found)
    let spurious = try labelled("Shirt,0,spurious\n", in: results)
    #expect(spurious.findings.classes[0].components[0].label == .spurious)
    let repair = try FeatureRepair(spurious, read.models[0], at: nil, workers: 2)
    try FixtureAudit.withTemporaryFolder { folder in
      let path = "\(folder)/fixed.onnx"
      try repair.write(to: path)
      let changes = try repair.compare(path, on: read.dataset, source: source, spurious: nil)
      #expect(abs(changes.accuracy.before.mean - 0.905) < 1e-9)
      #expect(changes.accuracy.after.mean >= changes.accuracy.before.mean - 0.01)
      let regions = try #require(changes.components.first?.flipRate)
      #expect(regions.before == results.findings.classes[0].components[0].flipRate)
      #expect(regions.after.mean <= regions.before.mean / 4)
      // The mark itself, on images that the model was right on.
      let fixed = try Intake(
        models: [path], Self.statements, workers: 2)
      let others =
        read.dataset.labels?.indices.filter { read.dataset.labels?[$0] != Self.shirt } ?? []
      let flips = try [read.models[0], fixed.models[0]].map { model in
        let images = try marked(others, model, read.dataset)
        let outputs = try model.outputs(
          of: others, dataset: read.dataset, workers: 2, batchSize: nil,
          change: { position, _ in images[position] })
        return others.indices.count { index in
          ClassScore.predictedClass(outputs[index * 10..<(index + 1) * 10]) == Self.shirt
        }
      }
      #expect(flips[0] > others.count / 5 && flips[1] * 4 <= flips[0])
    }
  }

  private static var statements: IntakeStatements {
    var statements = IntakeStatements(data: "\(FixtureAudit.root)/fashion-mnist")
    statements.labelsFile = "\(FixtureAudit.root)/fashion-mnist/classes.txt"
    return statements
  }

  @Test func `Nothing is repaired without a label, over another file, or for another model`() throws
  {
    let (results, read, _) = try #require(Self.found)
    #expect(throws: (any Error).self) {
      try FeatureRepair(results, read.models[0], at: nil, workers: 2)
    }
    let spurious = try labelled("6,0,spurious\n", in: results)
    let repair = try FeatureRepair(spurious, read.models[0], at: nil, workers: 2)
    #expect(throws: (any Error).self) { try repair.write(to: read.models[0].path) }
    #expect(throws: (any Error).self) {
      try FeatureRepair(spurious, FixtureAudit.model("resnet20-a"), at: nil, workers: 2)
    }
  }

  @Test func `Scores tell what a labelled component costs`() throws {
    let (results, read, _) = try #require(Self.found)
    let labels = try labelled("6,0,spurious\n6,1,core\n", in: results)
    let scoring = try FeatureScoring(
      labels, read.models[0], on: read.dataset, at: nil, workers: 2)
    let shirts =
      read.dataset.labels?.indices.filter { read.dataset.labels?[$0] == Self.shirt } ?? []
    // The images of the class themselves as spurious ones: nothing tells them apart.
    let scores = try scoring.scores(on: read.dataset.selecting(shirts))
    #expect(scores.spurious.count == 1 && scores.spurious[0].classIndex == Self.shirt)
    #expect(abs(scores.spurious[0].area.area - 0.5) < 1e-12)
    #expect(abs(scores.spurious[0].averagePrecision - scores.spurious[0].chance) < 0.02)
    for noise in [scores.coreAccuracy, scores.spuriousAccuracy] {
      let noise = try #require(noise)
      #expect(noise.accuracy.n == shirts.count && noise.classes == 1)
      #expect(noise.accuracy.mean <= 1 && noise.meanOverClasses == noise.accuracy.mean)
    }
    #expect(scores.coreAccuracy?.clean == scores.spuriousAccuracy?.clean)
    let again = try scoring.scores(on: nil)
    #expect(again.spurious.isEmpty && again.coreAccuracy == scores.coreAccuracy)
    let unlabelled = try FeatureScoring(
      results, read.models[0], on: read.dataset, at: nil, workers: 2
    ).scores(on: nil)
    #expect(unlabelled.coreAccuracy == nil && unlabelled.noiseReason != nil)
  }
}

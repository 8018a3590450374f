import Audit
import AuditRun
import Foundation
import SharedWork
import Testing

/// Runs on the fixture models, compared with each other.
@Suite struct ComparisonTests {
  private func audit(
    _ model: String, in folder: String, limit: Int = 8, seed: UInt64 = 0,
    change: (inout AuditSettings) -> Void = { _ in }
  ) throws -> AuditResults {
    var settings = AuditSettings()
    settings.method = .gradient
    settings.block = 28
    settings.limit = limit
    settings.seed = seed
    settings.randomDraws = 1
    change(&settings)
    let path = "\(folder)/\(model)-\(UUID().uuidString)"
    return try AuditRunner(
      models: [FixtureAudit.model(model)], dataset: FixtureAudit.dataset(), settings: settings,
      folder: RunFolder(path)
    ).run { _ in }
  }

  private func compare(_ now: AuditResults, _ then: AuditResults) throws -> Comparison {
    try Comparison(now, baseline: then, baselineName: "then", baselineDate: nil)
  }

  @Test func `A run compared with itself has no change and full overlap`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let run = try audit("vgg8", in: folder)
      let comparison = try compare(run, run)
      let model = comparison.models[0]
      #expect(model.isUnchanged && model.changedMost.isEmpty)
      #expect(comparison.sharedImages == 1000 && comparison.sharedAudited == 8)
      #expect(comparison.onlyCurrent == 0 && comparison.differing == 0)
      #expect(comparison.represented == 1000 && comparison.unrepresented == [])
      #expect(model.accuracy?.mean == 0 && model.flips?.changed == 0 && model.flips?.p == 1)
      for value in model.thresholds where value.n > 0 {
        #expect(value.change?.mean == 0)
        #expect(value.overlap?.mean ?? 1 == 1)
      }
    }
  }

  @Test func `Two models differ as their predictions and records say`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let now = try audit("vgg8", in: folder, limit: 16)
      let then = try audit("resnet20-a", in: folder, limit: 16)
      let comparison = try compare(now, then)
      let model = comparison.models[0]
      let flips = try #require(model.flips)
      #expect(!model.isUnchanged && flips.n == 1000)
      // 940 right now, 936 then.
      #expect(flips.gained - flips.lost == 4)
      #expect(abs((model.accuracy?.mean ?? 0) - 0.004) < 1e-12)
      #expect(flips.changed >= flips.gained + flips.lost)
      #expect(comparison.sharedAudited > 0 && comparison.sharedAudited <= 16)
      let value = try #require(model.thresholds.first { $0.n > 1 })
      let mean = try #require(value.current) - #require(value.baseline)
      #expect(abs((value.change?.mean ?? 9) - mean) < 1e-9)
      #expect((value.overlap?.mean ?? 0) < 1)
      #expect(!model.changedMost.isEmpty && model.changedMost.count <= 4)
      let back = try compare(then, now)
      #expect(back.models[0].flips?.lost == flips.gained)
    }
  }

  @Test func `Images of other samples are left out, and said so`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let now = try audit("vgg8", in: folder, seed: 1)
      let then = try audit("vgg8", in: folder, seed: 2)
      let shared = Set(now.plan.sample.images).intersection(then.plan.sample.images)
      let comparison = try compare(now, then)
      #expect(comparison.sharedAudited == shared.count)
      #expect(comparison.sharedImages == 1000)
    }
  }

  @Test func `Shared images stand for those that were as right or wrong then and now`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let now = try audit("vgg8", in: folder, limit: 30)
      let then = try audit("resnet20-a", in: folder, limit: 30)
      let comparison = try compare(now, then)
      let (new, old) = try (#require(now.predictions), #require(then.predictions))
      /// Images by whether they are right now and were right then.
      func count(_ isIn: (Int) -> Bool) -> [[Bool]: Int] {
        (0..<1000).filter(isIn).reduce(into: [:]) { counts, image in
          let label = new.labels.values[image]
          let rights = [new, old].map { $0.models[0].predicted.values[image] == label }
          counts[rights, default: 0] += 1
        }
      }
      let all = count { _ in true }
      let shared = Set(now.plan.sample.images).intersection(then.plan.sample.images)
      let sampled = count(shared.contains)
      let represented = all.reduce(0) { $0 + (sampled[$1.key] == nil ? 0 : $1.value) }
      #expect(comparison.represented == represented)
      #expect(comparison.unrepresented.count == all.keys.count { sampled[$0] == nil })
      if let turned = all[[false, true]], sampled[[false, true]] == nil {
        #expect(comparison.unrepresented.contains("\(turned) images wrong now and right then"))
      }
      // A change known of a part of the images decides nothing about all.
      if !comparison.unrepresented.isEmpty {
        #expect(comparison.change(metric: "sis_size.mean", model: "vgg8", threshold: 0.5) == nil)
      }
    }
  }

  @Test func `Subsets of different methods are never compared`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let now = try audit("vgg8", in: folder, limit: 4)
      let then = try audit("vgg8", in: folder, limit: 4) { $0.block = 56 }
      let comparison = try compare(now, then)
      #expect(comparison.subsetsNotCompared?.contains("methods differ") == true)
      #expect(comparison.models[0].thresholds.isEmpty && comparison.models[0].flips != nil)
      #expect(comparison.models[0].subsetAccuracy == nil)
    }
  }

  @Test func `Changes known image by image decide limits on changes`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let run = try audit("vgg8", in: folder)
      let numbers = try AuditNumbers(run, sections: MeasuredSection.all(run))
      let policy = try Policy(
        yaml: "checks:\n  - {metric: accuracy, max_drop: 0.001}\n", name: "p")
      // 940 of 1000 has an interval of three points: as of independent samples nothing is sure.
      let unpaired = Gate(policy, Gate.Evidence(numbers, baseline: numbers))
      #expect(unpaired.outcome == .inconclusive)
      let paired = Gate(
        policy,
        Gate.Evidence(numbers, baseline: numbers, comparison: try compare(run, run)))
      #expect(paired.outcome == .passed)
    }
  }

  @Test func `A verdict on other records is not taken for this one's`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      var settings = AuditSettings()
      settings.method = .gradient
      settings.block = 392
      settings.limit = 2
      settings.randomDraws = 1
      let run = RunFolder(folder)
      func audit(_ seed: UInt64) throws -> AuditResults {
        settings.seed = seed
        return try AuditRunner(
          models: [FixtureAudit.model("vgg8")], dataset: FixtureAudit.dataset(),
          settings: settings, folder: run
        ).run { _ in }
      }
      let first = try audit(1)
      let assessment = try Assessment(first, sections: MeasuredSection.all(first))
      try RecordFile.write(assessment, to: run.assessmentPath)
      #expect(try Assessment.stored(run, plan: first.plan) == assessment)
      // The same audit again keeps it; another one removes it.
      _ = try audit(1)
      #expect(FileManager.default.fileExists(atPath: run.assessmentPath))
      let second = try audit(2)
      #expect(!FileManager.default.fileExists(atPath: run.assessmentPath))
      try RecordFile.write(assessment, to: run.assessmentPath)
      #expect(throws: AuditError.self) { try Assessment.stored(run, plan: second.plan) }
    }
  }

  @Test func `Runs without a model in common cannot be compared`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      func two(_ names: [String]) throws -> AuditResults {
        var settings = AuditSettings()
        settings.method = .gradient
        settings.block = 392
        settings.limit = 1
        settings.randomDraws = 1
        return try AuditRunner(
          models: names.map(FixtureAudit.model), dataset: FixtureAudit.dataset(),
          settings: settings, folder: RunFolder("\(folder)/\(names.joined())")
        ).run { _ in }
      }
      let now = try two(["resnet20-a", "resnet20-b"])
      let then = try audit("vgg8", in: folder, limit: 1)
      #expect(throws: AuditError.self) { try compare(now, then) }
    }
  }
}

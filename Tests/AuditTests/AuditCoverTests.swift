import Audit
import Figures
import Foundation
import Reports
import Testing

/// What the first page of an audit says.
@Suite struct AuditCoverTests {
  private func document(
    _ results: AuditResults, policy: Policy = .builtIn, secondsPerImage: Double? = 3,
    appendix: AuditAppendix.Placement = .pdf
  ) throws -> Document {
    let sections = MeasuredSection.all(results)
    return AuditDocument.make(
      results, sections: sections,
      assessment: try Assessment(
        results, sections: sections, Assessment.Criteria(policy: policy)),
      run: RunDescription(
        date: "2026-01-01T00:00:00Z", workers: 2, batchSize: "auto", seconds: 60,
        secondsPerImage: secondsPerImage, libraries: ["library 1"], arguments: [], planDigest: ""),
      appendix: appendix)
  }

  private func images(_ sizes: [Int], wrong: Int = 0) -> [HandmadeAudit.Image] {
    sizes.enumerated().map { HandmadeAudit.Image(size: $1, isRight: $0 >= wrong) }
  }

  @Test func `Evidence is what is nearest the median, of different classes first`() throws {
    let results = try HandmadeAudit.results([
      ("net", images([1, 1, 2, 3, 3, 3, 4, 4], wrong: 1))
    ])
    let cover = try #require(try document(results).cover)
    let texts = cover.subjects[0].evidence.map(\.subsetText)
    // The median is 3; the only image of another predicted class comes next, whatever its size.
    #expect(
      texts == ["99.5% from 75.0%", "99.5% from 25.0%", "99.5% from 75.0%", "99.5% from 75.0%"])
    #expect(cover.subjects[0].evidence[1].imageText == "b 99.5% (wrong)")
    #expect(cover.subjects[0].charts.count == 2 && cover.isSingle)
  }

  @Test func `A feature that decides alone is among the evidence, until people call it core`()
    throws
  {
    func texts(_ label: FeatureFindings.Label?) throws -> [String] {
      let labels = label.map { HandmadeFeatures.labels($0) }
      let results = try HandmadeAudit.results([("net", images([1, 2, 2, 3, 3]))])
        .with(features: [HandmadeFeatures.results("net", labels: labels)])
      return try #require(try document(results).cover).subjects[0].evidence.map(\.subsetText)
    }
    let found = try texts(nil)
    #expect(found.count == 4 && found.last == "feature: turns 40%")
    #expect(try !texts(.core).contains("feature: turns 40%"))
  }

  @Test func `The answer follows the policy before anything else`() throws {
    let results = try HandmadeAudit.results([
      ("net", images([Int](repeating: 2, count: 20), wrong: 2))
    ])
    func answer(_ yaml: String) throws -> Finding {
      let policy = try Policy(yaml: "checks:\n  - \(yaml)\n", name: "policy.yaml")
      return try #require(try document(results, policy: policy).cover).answer
    }
    let failed = try answer("{metric: accuracy, min: 0.999}")
    #expect(failed.word == "Not as it is" && failed.text.contains("accuracy of net is 90.0%"))
    #expect(try answer("{metric: accuracy, min: 0.9}").word == "Not decided yet")
    // Random pixels are as good as whole images here: no limit that is kept makes that an answer.
    #expect(try answer("{metric: accuracy, min: 0.5}").status == .inconclusive)
  }

  /// An audit of `audited` images, 12 of which reach each τ.
  private func numbers(audited: Int) throws -> AuditNumbers {
    let json = """
      {"schema_version": 1, "models": [{"name": "net", "sha256": "00"}],
       "settings": {"thresholds": [0.9]}, "sample": {"strata": [{"sampled": \(audited)}]},
       "measurements": {
         "accuracy": {"models": [{"model": "net", "n": 5000, "accuracy": 0.9, "low": 0.88, "high": 0.92}]},
         "sis_size": {"models": [{"model": "net", "thresholds": [
           {"threshold": 0.9, "n": 12, "median": 0.04, "median_low": 0.03, "median_high": 0.06,
            "size": {"n": 12, "mean": 0.05, "std": 0.1, "low": 0.03, "high": 0.07}}]}]}}}
      """
    return try AuditNumbers(Data(json.utf8), path: "audit.json")
  }

  @Test func `What is undecided says how many images would decide it`() throws {
    func more(_ check: String) throws -> Int? {
      let policy = try Policy(yaml: "checks:\n  - {\(check)}\n", name: "policy.yaml")
      let row = Gate(policy, Gate.Evidence(try numbers(audited: 100))).rows[0]
      #expect(row.status == .inconclusive)
      return row.moreImages
    }
    // The interval reaches two points up, the limit is one away: four times the images, 300 more.
    #expect(try more("metric: sis_size.median, min: 0.05") == 300)
    // One point down, half a point away: the same. Two points either way, one away: the same again.
    #expect(try more("metric: sis_size.median, max: 0.035") == 300)
    #expect(try more("metric: sis_size.mean, min: 0.04") == 300)
    // At its limit no number of images decides, and accuracy is of all images whatever is audited.
    #expect(try more("metric: sis_size.mean, min: 0.05") == nil)
    #expect(try more("metric: accuracy, min: 0.89") == nil)
  }

  @Test func `What more images cannot decide is not put down to them`() throws {
    let results = try HandmadeAudit.results([
      ("net", images([Int](repeating: 2, count: 40), wrong: 4))
    ])
    let policy = try Policy(
      yaml: "checks:\n  - {metric: accuracy, min: 0.9}\n", name: "policy.yaml")
    let next = try #require(try document(results, policy: policy).cover).next
    #expect(next[0].hasPrefix("Undecided: “Accuracy” (limit ≥\u{a0}90.0%): net 90.0% ["))
    #expect(next[0].hasSuffix("Only more data can decide it."))
  }

  @Test func `Random pixels that do as well are no sign of overinterpretation`() throws {
    // What is right on chosen pixels is right on random ones in these results.
    let results = try HandmadeAudit.results([("net", images([Int](repeating: 1, count: 40)))])
    let cover = try #require(try document(results).cover)
    #expect(cover.subjects[0].finding.status == .inconclusive)
    #expect(cover.subjects[0].finding.word == "no more right on whole images than on random pixels")
    #expect(cover.answer.word == "Not decided yet")
    #expect(cover.certainty.contains("may be chance"))
  }

  @Test func `Chosen pixels as good as whole images are overinterpretation, of enough images`()
    throws
  {
    func cover(_ count: Int) throws -> Cover {
      let results = try HandmadeAudit.results(
        [("net", images([Int](repeating: 1, count: count)))], randomIsRight: false)
      return try #require(try document(results).cover)
    }
    let many = try cover(40)
    #expect(many.answer.word == "Not yet" && many.answer.status == .bad)
    #expect(many.subjects[0].finding.word == "overinterprets")
    #expect(many.certainty.contains("is certain"))
    let few = try cover(9)
    #expect(few.answer.word == "Not decided yet")
    #expect(few.subjects[0].finding.word == "too few images to say")
    #expect(few.certainty == "How sure: too few images to say.")
  }

  @Test func `Every metric has a name for people and says what it means`() {
    let names = Metric.all.map(\.plain.name)
    for metric in Metric.all {
      #expect(!metric.plain.reading.isEmpty, "\(metric.name)")
      #expect(!metric.plain.name.contains("_") && !metric.plain.name.contains("SIS"))
    }
    // Two of them count the same images, at one threshold and at each.
    #expect(Set(names).count >= names.count - 1)
    #expect(
      Metric.plainName(of: "sis_size.median", threshold: 0.9)
        == "Pixels needed, median, at 90% confidence")
    #expect(Metric.plainName(of: "data.images", threshold: nil) == "data.images")
  }

  @Test func `The appendix says what was measured, and never that it is enough`() throws {
    let results = try HandmadeAudit.results([("net", images([1, 2, 2, 3]))])
    func appendix(_ placement: AuditAppendix.Placement) throws -> Section? {
      try document(results, appendix: placement).sections.first { $0.id == "appendix" }
    }
    let section = try #require(try appendix(.pdf))
    #expect(section.audience == .print)
    #expect(try appendix(.everywhere)?.audience == .all)
    #expect(try appendix(.none) == nil)
    let cells = section.blocks.flatMap { block -> [String] in
      if case .table(let table) = block { table.rows.flatMap { $0.map(\.text) } } else { [] }
    }
    let text = cells.joined(separator: "\n")
    for item in [
      "Annex IV 2(g)", "Annex IV 3", "MEASURE 2.1", "MEASURE 2.5", "MEASURE 2.9", "A.6.2.4",
    ] {
      #expect(text.contains(item), "\(item)")
    }
    #expect(text.contains("for the provider to complete") && text.contains("Signature"))
    #expect(!text.lowercased().contains("complian"))
  }

  @Test func `A model card has its numbers in the head, and leaves the rest to the provider`()
    throws
  {
    let results = try HandmadeAudit.results([
      ("net", images([1, 2, 2, 3], wrong: 1)), ("other", images([1, 2, 2, 3])),
    ])
    let cards = try ModelCard.all(results)
    #expect(cards.map(\.fileName) == ["model-card-net.md", "model-card-other.md"])
    let text = cards[0].text
    #expect(text.hasPrefix("---\n") && text.contains("\nmodel-index:\n- name: net\n"))
    #expect(text.contains("    - type: accuracy\n      value: 0.75\n      name: Accuracy\n"))
    #expect(text.contains("| Accuracy on chosen pixels |"))
    #expect(text.contains("For the provider to complete"))
  }
}

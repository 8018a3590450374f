import Audit
import AuditRun
import Foundation
import Reports
import SharedWork
import Testing

/// A report of many models and images, made of a small audit repeated.
@Suite struct LargeReportTests {
  private func small(_ folder: String) throws -> AuditResults {
    var settings = AuditSettings()
    settings.method = .gradient
    settings.block = 28
    settings.limit = 10
    settings.randomDraws = 2
    return try AuditRunner(
      models: ["resnet20-a", "vgg8"].map(FixtureAudit.model), dataset: FixtureAudit.dataset(),
      settings: settings, folder: RunFolder(folder)
    ).run { _ in }
  }

  /// Changes the stored form of a value.
  private func changed<Value: Codable>(
    _ value: Value, _ change: (inout [String: Any]) throws -> Void
  ) throws -> Value {
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
    var object = try #require(json as? [String: Any])
    try change(&object)
    return try JSONDecoder().decode(
      Value.self, from: JSONSerialization.data(withJSONObject: object))
  }

  /// Numbers as plans store them.
  private func packed(_ numbers: [Int]) throws -> Any {
    try JSONSerialization.jsonObject(
      with: JSONEncoder().encode(PackedNumbers(numbers.map { UInt32($0) })),
      options: .fragmentsAllowed)
  }

  private func repeated(_ results: AuditResults, models: Int, images: Int) throws -> AuditResults {
    let (m, n) = (results.models.count, results.records[0].count)
    let plan = try changed(results.plan) { plan in
      let old = try #require(plan["models"] as? [[String: Any]])
      plan["models"] = (0..<models).map { index in
        old[index % m].merging(["name": "model-\(index)"]) { $1 }
      }
      var sample = try #require(plan["sample"] as? [String: Any])
      let repeated = (0..<images).map { results.plan.sample.strataOfImages[$0 % n] }
      sample["images"] = try packed(Array(0..<images))
      sample["strataOfImages"] = try packed(repeated)
      sample["searchOrder"] = sample["images"]
      sample["strata"] = try #require(sample["strata"] as? [[String: Any]]).enumerated().map {
        index, stratum in
        let count = repeated.count { $0 == index }
        return stratum.merging(["sampled": count, "population": 2 * count]) { $1 }
      }
      plan["sample"] = sample
    }
    let found = try #require(results.evaluations)
    let baseline = try #require(results.baseline)
    let (all, thresholds) = (try results.allRecords(), results.thresholds.count)
    let evaluations = SubsetEvaluations(
      transferred: (0..<models).map { source in
        (0..<models).map { target in
          SubsetEvaluations.Answers(
            (0..<images).map { found.transferred[source % m][target % m][$0 % n] })
        }
      },
      withoutSIS: (0..<models).map { model in
        SubsetEvaluations.Answers(
          (0..<images * thresholds).map { index in
            found.withoutSIS[model % m].ifAny(index % (n * thresholds))
          })
      },
      randomRight: (0..<models).map { model in
        found.randomRight[model % m].map { draw in
          PackedNumbers((0..<images).map { draw.values[$0 % n] })
        }
      })
    return AuditResults(
      plan: plan,
      records: (0..<models).map { model in (0..<images).map { all[model % m][$0 % n] } },
      evaluations: evaluations,
      baseline: RandomBaseline(
        images: baseline.images, right: (0..<models).map { baseline.right[$0 % m] }))
  }

  @Test func `Ten models on a thousand images stay below ten megabytes, with a page each`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let results = try repeated(small(folder), models: 10, images: 1000)
      let sections = MeasuredSection.all(results)
      let document = AuditDocument.make(
        results, sections: sections, assessment: try Assessment(results, sections: sections),
        run: RunDescription(
          date: "2026-01-01T00:00:00Z", workers: 2, batchSize: "auto", seconds: 60,
          secondsPerImage: 1, libraries: [], arguments: [], planDigest: ""))
      let templates = URL(fileURLWithPath: FixtureAudit.root)
        .appendingPathComponent("../templates").standardizedFileURL.path
      let files = try HTML(templates: templates, packaging: .inline).render(document)
      #expect(files.count == 11)
      #expect(files.values.allSatisfy { $0.count < 10_000_000 })
      #expect(try PDF.render(document).count < 10_000_000)
      #expect(Markdown.render(document).utf8.count < 65_536)
      // Every link leads to an anchor of the page it names.
      for (name, data) in files {
        let text = String(decoding: data, as: UTF8.self)
        for match in text.matches(of: /href="([^"#]*)#([^"]+)"/) {
          let page = match.1.isEmpty ? name : String(match.1)
          let target = String(decoding: files[page] ?? Data(), as: UTF8.self)
          #expect(target.contains("id=\"\(match.2)\""), "\(name): \(match.0)")
        }
      }
    }
  }
}

import Audit
import Foundation
import SharedWork
import Testing

@Suite struct SchemaTests {
  private func problems(_ results: AuditResults) throws -> [String] {
    let audit = AuditJSON(results, sections: MeasuredSection.all(results))
    return try SchemaChecker(AuditSchema().json).problems(
      CanonicalJSON.encode(audit, pretty: false))
  }

  @Test func `The schema in docs is the one that measurements describe`() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/audit.schema.json").standardizedFileURL.path
    let stored = String(
      decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    let described = String(decoding: try AuditSchema().json, as: UTF8.self) + "\n"
    #expect(stored == described, "'make schema' writes it anew")
  }

  @Test func `audit.json follows its schema when everything ran`() throws {
    let images = (0..<40).map { HandmadeAudit.Image(size: 1 + $0 % 4, isRight: $0 % 3 > 0) }
    let results = try HandmadeAudit.results(
      [("one", images), ("two", images.reversed())], change: { $0.method = .floating }
    ).with(features: [
      HandmadeFeatures.results("one", leading: HandmadeFeatures.leading(0..<9)),
      HandmadeFeatures.results(
        "two", flipRate: 0.1, labels: HandmadeFeatures.labels(.core),
        scores: HandmadeFeatures.scores),
    ])
    #expect(results.plan.settings.search != nil)
    let notRun = MeasuredSection.all(results).filter { $0.value == nil }.map(\.key)
    #expect(notRun == ["minimal_subsets"])
    let found = try problems(results)
    #expect(found == [])
  }

  @Test func `audit.json follows its schema when hardly anything ran`() throws {
    let results = try HandmadeAudit.results([
      ("unsure", [HandmadeAudit.Image(size: 4, confidence: 0.3)])
    ])
    let ran = MeasuredSection.all(results).filter { $0.value != nil }.map(\.key)
    #expect(!ran.contains("sis_size") && ran.contains("subsets"))
    let found = try problems(results)
    #expect(found == [])
  }

  @Test func `The checker notices what does not fit`() throws {
    let checker = SchemaChecker([:])
    let schema: [String: Any] = [
      "type": "object", "properties": ["a": ["type": "integer"]], "required": ["a", "b"],
      "additionalProperties": false,
    ]
    #expect(checker.problems(["a": 1.5, "c": 1] as [String: Any], schema).count == 3)
  }
}

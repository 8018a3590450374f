import Audit
import SharedWork
import Testing

@Suite struct AuditNumbersTests {
  private func values(_ name: String) throws -> [Double?]? {
    guard case .found(let found) = try smallAudit().find(name) else { return nil }
    return found.map(\.value)
  }

  @Test func `Finds numbers by path, without the lists of models and thresholds`() throws {
    #expect(try values("sis_size.median") == [0.02, 0.05])
    #expect(try values("sis_size.size.std") == [0.1, 0.1])
    #expect(try values("measurements.sis_size.n") == [12, 12])
    #expect(try values("pixel_locations.border_area") == [0.36])
    #expect(try values("pixel_locations.frequency.1") == [0.25])
    #expect(try values("settings.seed") == [3])
    #expect(try values("models.parameters") == [7])
  }

  @Test func `A measurement alone means its main number, an estimate its mean`() throws {
    #expect(try values("accuracy") == [0.9])
    #expect(try values("sis_size") == [0.04, 0.1])
    let full = try values("sis_size.size.mean")
    #expect(try values("sis_size.mean") == full)
  }

  @Test func `Gives the interval that stands beside a number`() throws {
    guard case .found(let accuracy) = try smallAudit().find("accuracy"),
      case .found(let sizes) = try smallAudit().find("sis_size.mean"),
      case .found(let counts) = try smallAudit().find("sis_size.n")
    else { return #expect(Bool(false)) }
    #expect(accuracy[0].low == 0.85 && accuracy[0].high == 0.93 && accuracy[0].model == "net")
    #expect(abs((sizes[1].low ?? 0) - 0.08) < 1e-12 && sizes[1].threshold == 0.9)
    #expect(counts[0].low == nil)
  }

  @Test func `Tells null, not run and unknown apart`() throws {
    #expect(try values("accuracy.top_five") == [nil])
    #expect(try values("sis_size.common.mean") == [nil, nil])
    #expect(try smallAudit().find("transferability.others") == .notRun("it takes two models"))
    #expect(try smallAudit().find("sis_size.medan") == .unknown(nearest: "sis_size.mean"))
    #expect(try smallAudit().find("acuracy") == .unknown(nearest: "accuracy"))
    #expect(try smallAudit().find("sis_size.size") != .unknown(nearest: nil))
    #expect(try values("settings") == nil)
  }

  @Test func `How many images were audited is known from results and from their file`() throws {
    let images = (0..<12).map { HandmadeAudit.Image(size: 1, isRight: $0 > 2) }
    let results = try HandmadeAudit.results([("net", images)])
    let sections = MeasuredSection.all(results)
    let file = try CanonicalJSON.encode(AuditJSON(results, sections: sections), pretty: true)
    #expect(try AuditNumbers(results, sections: sections).auditedImages == 12)
    #expect(try AuditNumbers(file, path: "audit.json").auditedImages == 12)
  }
}

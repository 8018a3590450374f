import Audit
import Figures
import Foundation
import History
import Reports
import SharedWork
import Statistics
import Testing

/// The share of images that a single pixel suffices for: a number, a figure and a name for policies in
/// one place, as a new measurement is to be.
private enum OnePixel: Audit.Measurement {
  static let key = "one_pixel"
  static let title = "Images that one pixel suffices for"
  static let fields: [MeasuredField] = [
    MeasuredField(
      "share", .estimate(.fraction), per: .threshold,
      "share of audited images that one pixel suffices for", metric: .field, isMain: true,
      isNullable: true,
      pairing: .auditedImages { image in image.threshold.flatMap { counts(image.record, $0) } })
  ]

  struct Value: Encodable {
    let models: [ModelValue]
  }

  struct ModelValue: Encodable {
    let model: String
    let thresholds: [ThresholdValue]
  }

  struct ThresholdValue: Encodable {
    let threshold: Double
    @OrNull var share: MeanEstimate?
  }

  /// 1 or 0; nil below τ.
  private static func counts(_ record: ImageSummary, _ threshold: Double) -> Double? {
    record.sisSize(threshold).map { $0 <= 1 ? 1 : 0 }
  }

  static func measure(_ results: AuditResults) -> Outcome<Value> {
    .measured(
      Value(
        models: zip(results.models, results.records).map { model, records in
          ModelValue(
            model: model.name,
            thresholds: results.thresholds.map { threshold in
              ThresholdValue(
                threshold: threshold,
                share: MeanEstimate(
                  shares: records.compactMap { record in
                    counts(record, threshold).map { ($0, .simple(of: records.count)) }
                  }))
            })
        }))
  }

  static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    [
      .finding(Finding(.neutral, "One pixel suffices for some images.")),
      .figure(
        Figure(
          name: "one-pixel", caption: "Share of images that one pixel suffices for.",
          altText: "A bar for each model.", height: 2,
          panels: [
            Panel(
              x: .categories(label: "", value.models.map(\.model)),
              y: .linear(label: "Share of images (%)", range: 0...100),
              marks: [
                .bars(
                  value.models.enumerated().map { index, model in
                    Mark.Point(Double(index), 100 * (model.thresholds.last?.share?.mean ?? 0))
                  }, width: 0.5, .ink)
              ])
          ], data: DataTable(columns: [], rows: []))),
    ]
  }
}

/// Everything that knows measurements knows a new one by its fields and its line in the registry.
@Suite struct NewMeasurementTests {
  private func withOnePixel<Result>(_ body: () throws -> Result) rethrows -> Result {
    try MeasurementRegistry.$all.withValue(
      MeasurementRegistry.all + [OnePixel.self], operation: body)
  }

  /// Twelve images, of which the first `small` need one pixel and the others three.
  private func results(small: Int) throws -> AuditResults {
    try HandmadeAudit.results([
      (
        "net",
        (0..<12).map { HandmadeAudit.Image(size: $0 < small ? 1 : 3, isRight: $0 % 4 != 3) }
      )
    ])
  }

  private let policy = "checks:\n  - {metric: one_pixel.share, threshold: 0.9, max: 5%}\n"

  @Test func `It has a metric with unit and thresholds, and other names for it`() throws {
    #expect(Metric.named("one_pixel.share") == nil && !Metric.isKnown("one_pixel.share"))
    try withOnePixel {
      let metric = try #require(Metric.all.last)
      #expect(metric.name == "one_pixel.share" && metric.hasThresholds)
      #expect(metric.unit == .fraction && metric.meaning.contains("one pixel suffices"))
      for name in ["one_pixel", "one_pixel.share.mean", "measurements.one_pixel.share"] {
        #expect(Metric.named(name)?.name == metric.name, "\(name)")
      }
      #expect(Metric.isKnown("one_pixel.threshold") && !Metric.isSampled("one_pixel.threshold"))
      #expect(Metric.isSampled("one_pixel") && !Metric.isKnown("one_pixel.size"))
      #expect(Metric.text(0.25, of: "one_pixel") == "25.0%")
      #expect(Metric.nearest(to: "one_pixl.share") == "one_pixel.share")
    }
  }

  @Test func `A policy can limit it, and only where it is registered`() throws {
    #expect(throws: AuditError.self) { try Policy(yaml: policy, name: "p") }
    let rows = try withOnePixel {
      let results = try results(small: 6)
      let numbers = try AuditNumbers(results, sections: MeasuredSection.all(results))
      return try Gate(Policy(yaml: policy, name: "p"), Gate.Evidence(numbers)).rows
    }
    #expect(rows.map(\.status) == [.failed])
    #expect(rows[0].reason == "50.0% is above 5.0%" && rows[0].model == "net")
  }

  @Test func `Its value is in audit.json, as the schema says`() throws {
    let plain = try SchemaChecker(AuditSchema().json)
    let (schema, audit) = try withOnePixel {
      let results = try results(small: 6)
      let audit = AuditJSON(results, sections: MeasuredSection.all(results))
      return (
        try SchemaChecker(AuditSchema().json), try CanonicalJSON.encode(audit, pretty: false)
      )
    }
    let problems = try schema.problems(audit)
    #expect(problems == [])
    let complaints = try plain.problems(audit)
    #expect(complaints == ["$.measurements: 'one_pixel' is not in the schema"])
  }

  @Test func `The report has its section with its figure`() throws {
    let document = try withOnePixel {
      let results = try results(small: 6)
      let sections = MeasuredSection.all(results)
      return AuditDocument.make(
        results, sections: sections, assessment: try Assessment(results, sections: sections),
        run: RunDescription(
          date: "2026-01-01T00:00:00Z", workers: 2, batchSize: "auto", seconds: 60,
          secondsPerImage: 1, libraries: [], arguments: [], planDigest: ""))
    }
    let section = try #require(document.sections.first { $0.id == "one_pixel" })
    #expect(section.title == OnePixel.title && section.blocks.count == 2)
    #expect(document.figures(.standard).contains { $0.name == "one-pixel" })
  }

  @Test func `A comparison knows its change image by image, and a history keeps it`() throws {
    try withOnePixel {
      let (now, then) = (try results(small: 9), try results(small: 6))
      let comparison = try Comparison(
        now, baseline: then, baselineName: "then", baselineDate: nil)
      let change = try #require(
        comparison.change(metric: "one_pixel", model: "net", threshold: 0.9))
      #expect(abs(change.estimate.mean - 0.25) < 1e-12 && change.estimate.n == 12)
      let sections = MeasuredSection.all(now)
      let run = HistoryRun(
        now, numbers: try AuditNumbers(now, sections: sections),
        gate: try Assessment(now, sections: sections).gate,
        run: try RunDescription(
          date: "2026-01-01T00:00:00Z", workers: 1, batchSize: "1", seconds: nil, libraries: [],
          arguments: [], plan: now.plan), folder: "run")
      let kept = run.metrics.filter { $0.name == "one_pixel.share" }
      #expect(kept.map(\.threshold) == now.thresholds)
      #expect(kept.allSatisfy { $0.value == 0.75 && $0.low != nil })
    }
  }
}

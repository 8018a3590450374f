import Audit
import AuditRun
import Foundation
import SharedWork
import Testing

@Suite struct MetricTests {
  /// Every number of a JSON value by path, lists of models and thresholds left out.
  private func numbers(_ value: Any, _ path: String = "") -> Set<String> {
    switch value {
    case let object as [String: Any]:
      object.reduce(into: []) { found, member in
        found.formUnion(numbers(member.value, path.isEmpty ? member.key : "\(path).\(member.key)"))
      }
    case let array as [Any]:
      array.reduce(into: []) { found, element in
        let isList = path.hasSuffix(".models") || path.hasSuffix(".thresholds")
        let parent = path.split(separator: ".").dropLast().joined(separator: ".")
        found.formUnion(numbers(element, isList ? parent : path + ".0"))
      }
    case is NSNumber: [path]
    default: []
    }
  }

  /// Any number of `audit.json` can be named in a policy, and is found.
  private func expectKnown(_ report: Data, _ found: AuditNumbers) throws {
    let json = try JSONSerialization.jsonObject(with: report) as? [String: Any]
    let all = numbers(try #require(json?["measurements"]))
    #expect(all.count > 50)
    for name in all {
      #expect(Metric.isKnown(name), "\(name)")
      if case .unknown = found.find(name) { #expect(Bool(false), "\(name)") }
    }
    for name in [
      "acuracy", "sis_size.medan", "accuracy.top", "", "gallery", "settings", "sis_size.foo.mean",
    ] {
      #expect(!Metric.isKnown(name), "\(name)")
    }
  }

  @Test func `Every declared metric is in an audit, or its measurement did not run`() throws {
    var settings = AuditSettings()
    settings.method = .gradient
    settings.block = 56
    settings.limit = 12
    try FixtureAudit.withTemporaryFolder { folder in
      let results = try AuditRunner(
        models: ["resnet20-a", "vgg8"].map(FixtureAudit.model), dataset: FixtureAudit.dataset(),
        settings: settings, folder: RunFolder(folder)
      ).run { _ in }
      let sections = MeasuredSection.all(results)
      let numbers = try AuditNumbers(results, sections: sections)
      try expectKnown(
        CanonicalJSON.encode(AuditJSON(results, sections: sections), pretty: false), numbers)
      for metric in Metric.all {
        switch numbers.find(metric.name) {
        case .found(let found):
          #expect(!found.isEmpty, "\(metric.name)")
          #expect(
            found.allSatisfy { ($0.threshold != nil) == metric.hasThresholds }, "\(metric.name)")
        case .notRun:
          // Those that take flags.
          let measurement = metric.name.split(separator: ".").first
          #expect(["minimal_subsets", "features", "subsets_in_features"].contains(measurement))
        case .unknown: #expect(Bool(false), "\(metric.name)")
        }
      }
    }
  }
}

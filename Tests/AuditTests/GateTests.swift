import Audit
import Foundation
import Testing

/// An `audit.json` small enough to judge by hand.
private func numbers(
  accuracy: Double = 0.9, low: Double = 0.85, high: Double = 0.93, model: String = "net",
  sizes: [(Double, Double)] = [(0.5, 0.04), (0.9, 0.1)]
) throws -> AuditNumbers {
  let thresholds = sizes.map { threshold, mean in
    """
    {"threshold": \(threshold), "n": 12, "degenerate": 1, "median": \(mean / 2),
     "median_low": null, "median_high": null, "common": null,
     "size": {"n": 12, "mean": \(mean), "std": 0.1, "low": \(mean - 0.02), "high": \(mean + 0.02)}}
    """
  }
  let json = """
    {"schema_version": 1, "models": [{"name": "\(model)", "sha256": "00", "parameters": 7}],
     "settings": {"thresholds": [0.5, 0.9], "seed": 3},
     "not_run": [{"measurement": "transferability", "reason": "it takes two models"}],
     "measurements": {
       "accuracy": {"models": [{"model": "\(model)", "n": 100, "accuracy": \(accuracy),
         "low": \(low), "high": \(high), "top_five": null}]},
       "sis_size": {"models": [{"model": "\(model)", "thresholds": [\(thresholds.joined(separator: ","))]}]},
       "pixel_locations": {"border_area": 0.36, "models": [{"model": "\(model)", "frequency": [0.5, 0.25]}]},
       "transferability": null}}
    """
  return try AuditNumbers(Data(json.utf8), path: "audit.json")
}

private func judge(
  _ yaml: String, _ evidence: Gate.Evidence? = nil, failOn: Policy.Severity = .fail
) throws -> Gate {
  let policy = try Policy(yaml: "checks:\n" + yaml, name: "policy.yaml")
  return Gate(policy, try evidence ?? Gate.Evidence(numbers()), failOn: failOn)
}

@Suite struct AuditNumbersTests {
  private func values(_ name: String) throws -> [Double?]? {
    guard case .found(let found) = try numbers().find(name) else { return nil }
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
    guard case .found(let accuracy) = try numbers().find("accuracy"),
      case .found(let sizes) = try numbers().find("sis_size.mean"),
      case .found(let counts) = try numbers().find("sis_size.n")
    else { return #expect(Bool(false)) }
    #expect(accuracy[0].low == 0.85 && accuracy[0].high == 0.93 && accuracy[0].model == "net")
    #expect(abs((sizes[1].low ?? 0) - 0.08) < 1e-12 && sizes[1].threshold == 0.9)
    #expect(counts[0].low == nil)
  }

  @Test func `Tells null, not run and unknown apart`() throws {
    #expect(try values("accuracy.top_five") == [nil])
    #expect(try values("sis_size.common.mean") == [nil, nil])
    #expect(try numbers().find("transferability.others") == .notRun("it takes two models"))
    #expect(try numbers().find("sis_size.medan") == .unknown(nearest: "sis_size.mean"))
    #expect(try numbers().find("acuracy") == .unknown(nearest: "accuracy"))
    #expect(try numbers().find("sis_size.size") != .unknown(nearest: nil))
    #expect(try values("settings") == nil)
  }
}

@Suite struct PolicyTests {
  private func complaint(_ yaml: String) -> String {
    do {
      _ = try Policy(yaml: yaml, name: "policy.yaml")
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func `Names line and key of what it does not know`() {
    #expect(
      complaint("checks:\n  - metric: accuracy\n    mn: 1\n")
        .contains("policy.yaml, line 3: unknown key 'mn'; did you mean 'min'?"))
    #expect(
      complaint("checks:\n  - metric: acuracy\n    min: 1\n")
        .contains("line 2: there is no metric 'acuracy'; did you mean 'accuracy'?"))
    #expect(complaint("check: []").contains("line 1: unknown key 'check'; did you mean 'checks'?"))
    #expect(
      complaint("checks:\n  - metric: accuracy\n    min: 1\n    severity: wran\n")
        .contains("line 4: severity 'wran' is none of fail, warn, info; did you mean 'warn'?"))
  }

  @Test func `Refuses what has no meaning`() {
    #expect(complaint("checks:\n  - metric: accuracy\n").contains("has no limit"))
    #expect(complaint("checks:\n  - min: 1\n").contains("'metric' is missing"))
    #expect(complaint("checks: []").contains("not a list of checks"))
    #expect(complaint("").contains("holds no 'checks:'"))
    #expect(complaint("checks: [").contains("is not YAML"))
    #expect(
      complaint("checks:\n  - metric: accuracy\n    model: [a]\n    min: 1\n")
        .contains("line 3: 'model' is a name"))
    #expect(
      complaint("checks:\n  - metric: sis_size.n\n    min: 5%\n").contains("is no share"))
    #expect(
      complaint("checks:\n  - metric: accuracy\n    max_drop: 1%\n").contains("two things"))
    #expect(
      complaint("checks:\n  - metric: accuracy\n    min: much\n").contains("line 3: 'min: much'"))
    #expect(
      complaint("checks:\n  - metric: accuracy\n    threshold: 0.9\n    min: 1\n")
        .contains("has no threshold"))
    #expect(
      complaint("checks:\n  - metric: sis_size.mean\n    threshold: 9\n    min: 1\n")
        .contains("between 0 and 1"))
  }

  @Test func `Reads percentages and shares of the baseline`() throws {
    let policy = try Policy(
      yaml: """
        checks:
          - metric: sis_size.mean
            min: 5%
            max: 120% of baseline
            max_drop: 10% of baseline
        """, name: "p")
    let bounds = policy.checks[0].bounds
    #expect(bounds.map(\.kind) == [.min, .max, .maxDrop])
    #expect(bounds.map(\.amount) == [0.05, 1.2, 0.1])
    #expect(bounds.map(\.isRelative) == [false, true, true])
  }

  @Test func `A percentage of a number in percent is that number`() throws {
    let policy = try Policy(
      yaml: "checks:\n  - {metric: correct_vs_misclassified.increase, max: 25%}\n", name: "p")
    #expect(policy.checks[0].bounds[0].amount == 25)
  }

  @Test func `The built-in policy warns, says why, and is what init writes`() throws {
    #expect(Policy.builtIn.checks.count == 5)
    #expect(Policy.builtIn.checks.allSatisfy { $0.severity == .warn && !$0.why.isEmpty })
    #expect(try Policy(yaml: Policy.builtInText, name: "p").checks == Policy.builtIn.checks)
  }
}

@Suite struct GateTests {
  @Test func `A number on the right side of its limit passes`() throws {
    let gate = try judge("  - {metric: accuracy, min: 0.8}\n")
    #expect(gate.rows.map(\.status) == [.passed])
    #expect(gate.outcome == .passed && gate.outcome.exitCode == 0)
  }

  @Test func `A number whose whole interval is on the wrong side fails`() throws {
    let gate = try judge("  - {metric: accuracy, min: 0.95}\n")
    #expect(gate.rows.map(\.status) == [.failed])
    #expect(gate.rows[0].reason == "90.0% is below 95.0%")
    #expect(gate.outcome.exitCode == 1)
  }

  @Test(arguments: ["min: 0.9", "min: 0.92", "max: 0.9", "max: 0.86"])
  func `A limit inside the interval is inconclusive`(_ limit: String) throws {
    let gate = try judge("  - {metric: accuracy, \(limit)}\n")
    #expect(gate.rows.map(\.status) == [.inconclusive])
    #expect(gate.outcome.exitCode == 2)
  }

  @Test func `A number without interval is compared as it is`() throws {
    #expect(try judge("  - {metric: sis_size.n, min: 12, max: 12}\n").outcome == .passed)
    #expect(try judge("  - {metric: sis_size.n, min: 13}\n").outcome == .failed)
  }

  @Test func `Without a threshold every τ is checked, with one only that`() throws {
    let all = try judge("  - {metric: sis_size.mean, min: 0.07}\n")
    #expect(all.rows.map(\.status) == [.failed, .passed])
    let one = try judge("  - {metric: sis_size.mean, threshold: 0.9, min: 0.07}\n")
    #expect(one.rows.map(\.threshold) == [0.9] && one.outcome == .passed)
  }

  @Test(
    arguments: [
      "{metric: transferability.others, min: 0}", "{metric: accuracy, model: 'vgg*', min: 0}",
      "{metric: sis_size.mean, threshold: 0.7, min: 0}", "{metric: accuracy, max_drop: 1}",
      "{metric: accuracy.top_five, min: 0}", "{metric: accuracy, min: 10% of baseline}",
      "{metric: settings.unheard_of, min: 0}",
    ])
  func `A check that did not run is never passed`(_ check: String) throws {
    let gate = try judge("  - \(check)\n")
    #expect(gate.rows.map(\.status) == [.notRun])
    #expect(gate.outcome == .inconclusive && gate.outcome.exitCode == 2)
    #expect(!gate.rows[0].reason.isEmpty)
    #expect(String(decoding: gate.junit, as: UTF8.self).contains("errors=\"1\""))
  }

  @Test func `Warnings pass unless they shall not`() throws {
    let check = "  - {metric: accuracy, min: 0.95, severity: warn}\n"
    #expect(try judge(check).outcome == .passed)
    #expect(try judge(check, failOn: .warn).outcome == .failed)
    let info = "  - {metric: accuracy, min: 0.95, severity: info}\n"
    #expect(try judge(info, failOn: .warn).outcome == .passed)
  }

  @Test func `A failure outweighs what is inconclusive`() throws {
    let gate = try judge("  - {metric: accuracy, min: 0.9}\n  - {metric: accuracy, min: 0.99}\n")
    #expect(gate.outcome == .failed)
  }

  @Test func `Limits on changes use the interval of the difference`() throws {
    // ±0.05 now and ±0.05 then are ±0.07 together; a drop of 0.1 is surely more than 0.02.
    let baseline = try numbers(accuracy: 1, low: 0.95, high: 1.05)
    let evidence = Gate.Evidence(
      try numbers(accuracy: 0.9, low: 0.85, high: 0.95), baseline: baseline)
    func status(_ limit: String) throws -> [Gate.Row.Status] {
      try judge("  - {metric: accuracy, \(limit)}\n", evidence).rows.map(\.status)
    }
    #expect(try status("max_drop: 0.02") == [.failed])
    #expect(try status("max_drop: 0.1") == [.inconclusive])
    #expect(try status("max_drop: 0.18") == [.passed])
    #expect(try status("max_rise: 0") == [.passed])
    #expect(try status("min: 80% of baseline") == [.passed])
    #expect(try status("min: 98% of baseline") == [.failed])
    #expect(try status("max_drop: 18% of baseline") == [.passed])
  }

  /// A sampled number with and without interval.
  private func sampled(
    low: String, high: String, _ check: String
  ) throws -> Gate {
    let json = """
      {"schema_version": 1, "models": [{"name": "net", "sha256": "00"}], "settings": {},
       "measurements": {
        "subsets": {"models": [{"model": "net", "recovered": null,
          "recovered_reason": "full images add too little", "subset_accuracy":
          {"n": 9, "mean": 1, "std": 0, "low": \(low), "high": \(high)}}]},
        "random_subsets": {"draws": 5, "models": [{"model": "net", "n": 9, "std": 0.1,
          "mean": 0.3, "low": \(low), "high": \(high)}]},
        "pixel_locations": {"models": [{"model": "net", "mean_confidence": 0.5}]}}}
      """
    return try judge(
      "  - {\(check)}\n", Gate.Evidence(AuditNumbers(Data(json.utf8), path: "audit.json")))
  }

  @Test(
    arguments: [
      "metric: subsets.subset_accuracy, min: 0.9", "metric: subsets.subset_accuracy, max: 0.9",
      "metric: random_subsets, max: 0.9", "metric: random_subsets.std, max: 0.9",
      "metric: pixel_locations.mean_confidence, max: 0.9",
      "metric: subsets.subset_accuracy.std, max: 0.9",
    ])
  func `A sampled number without interval decides nothing`(_ check: String) throws {
    let gate = try sampled(low: "null", high: "null", check)
    #expect(gate.outcome == .inconclusive)
    #expect(gate.rows[0].reason.contains("without an interval"))
  }

  @Test func `With its interval it does, and counts need none`() throws {
    func outcome(_ check: String) throws -> Gate.Outcome {
      try sampled(low: "0.7", high: "1", check).outcome
    }
    #expect(try outcome("metric: subsets.subset_accuracy, min: 0.6") == .passed)
    #expect(try outcome("metric: random_subsets, min: 0.8") == .inconclusive)
    #expect(try outcome("metric: random_subsets.draws, min: 5") == .passed)
    #expect(try outcome("metric: random_subsets.n, min: 10") == .failed)
    #expect(try outcome("metric: random_subsets.low, min: 0.6") == .passed)
  }

  @Test func `A number that is not there says why`() throws {
    let gate = try sampled(low: "0.7", high: "1", "metric: subsets.recovered, max: 0.5")
    #expect(gate.rows.map(\.status) == [.notRun])
    #expect(gate.rows[0].reason == "full images add too little (null in audit.json)")
  }

  @Test func `Numbers of another method are not held against each other`() throws {
    func audit(_ method: String) throws -> AuditNumbers {
      let json = """
        {"schema_version": 1, "models": [{"name": "net", "sha256": "00"}],
         "settings": {"method": "\(method)", "thresholds": [0.9]},
         "measurements": {
          "accuracy": {"models": [{"model": "net", "n": 9, "accuracy": 1, "low": 1, "high": 1}]},
          "sis_size": {"models": [{"model": "net", "thresholds": [{"threshold": 0.9, "n": 9,
            "size": {"n": 9, "mean": 0.1, "std": 0.1, "low": 0.09, "high": 0.11}}]}]}}}
        """
      return try AuditNumbers(Data(json.utf8), path: "audit.json")
    }
    let evidence = Gate.Evidence(try audit("guided"), baseline: try audit("exact"))
    let sizes = try judge("  - {metric: sis_size.mean, max_drop: 0.9}\n", evidence)
    #expect(sizes.rows.map(\.status) == [.notRun])
    #expect(sizes.rows[0].reason.contains("'method' differs"))
    #expect(try judge("  - {metric: accuracy, max_drop: 0.9}\n", evidence).outcome == .passed)
    let same = Gate.Evidence(try audit("exact"), baseline: try audit("exact"))
    #expect(try judge("  - {metric: sis_size.mean, max_drop: 0.9}\n", same).outcome == .passed)
  }

  @Test func `Shares of a negative baseline are limits on its size`() throws {
    func audit(_ value: Double) throws -> AuditNumbers {
      let json = """
        {"schema_version": 1, "models": [{"name": "net", "sha256": "00"}], "settings": {},
         "measurements": {"subsets": {"models": [{"model": "net", "confidence_drop":
           {"n": 90, "mean": \(value), "std": 0, "low": \(value), "high": \(value)}}]}}}
        """
      return try AuditNumbers(Data(json.utf8), path: "audit.json")
    }
    for limit in ["max: 110% of baseline", "min: 90% of baseline"] {
      let evidence = Gate.Evidence(try audit(-0.03), baseline: try audit(-0.03))
      let gate = try judge("  - {metric: subsets.confidence_drop, \(limit)}\n", evidence)
      #expect(gate.outcome == .passed, "\(limit)")
    }
  }

  @Test func `Checks on one line are two checks`() throws {
    let policy = try Policy(
      yaml: "checks: [{metric: accuracy, min: 0.5}, {metric: sis_size.n, max: 1}]", name: "p")
    let gate = Gate(policy, Gate.Evidence(try numbers()))
    #expect(Set(gate.rows.map(\.check)) == [0, 1] && gate.outcome == .failed)
  }

  @Test func `Other names of a metric have its unit and its interval`() throws {
    for name in ["accuracy", "accuracy.accuracy", "measurements.accuracy"] {
      #expect(Metric.named(name)?.name == "accuracy", "\(name)")
    }
    for name in ["sis_size", "sis_size.size", "sis_size.size.mean", "sis_size.mean"] {
      #expect(Metric.named(name)?.name == "sis_size.mean", "\(name)")
      #expect(try judge("  - {metric: \(name), threshold: 0.9, min: 5%}\n").outcome == .passed)
    }
    #expect(Metric.named("mask_sanity")?.name == "mask_sanity.blank_confidence")
    #expect(Metric.named("sis_size.common.mean")?.name == "sis_size.common")
    #expect(Metric.named("sis_size.size.low") == nil)
  }

  @Test func `A single model is held against the baseline's single model`() throws {
    let evidence = Gate.Evidence(
      try numbers(model: "tonight"), baseline: try numbers(model: "yesterday"))
    let gate = try judge("  - {metric: sis_size.n, max_drop: 0}\n", evidence)
    #expect(gate.outcome == .passed && gate.rows[0].baseline == 12)
  }

  @Test func `JUnit tells failures, errors and warnings apart`() throws {
    let gate = try judge(
      """
        - {metric: accuracy, min: 0.95, why: "a < b & c"}
        - {metric: accuracy, min: 0.9}
        - {metric: accuracy, min: 0.95, severity: warn}
        - {metric: accuracy, min: 0.5}

      """)
    let text = String(decoding: gate.junit, as: UTF8.self)
    #expect(text.contains("tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\""))
    #expect(text.contains("a &lt; b &amp; c"))
    #expect(text.contains("<failure message=\"90.0% is below 95.0%\""))
  }
}

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
        CanonicalJSON.encode(AuditReport(results, sections: sections), pretty: false), numbers)
      for metric in Metric.all {
        switch numbers.find(metric.name) {
        case .found(let found):
          #expect(!found.isEmpty, "\(metric.name)")
          #expect(
            found.allSatisfy { ($0.threshold != nil) == metric.hasThresholds }, "\(metric.name)")
        case .notRun: #expect(metric.name == "minimal_subsets.minimal")
        case .unknown: #expect(Bool(false), "\(metric.name)")
        }
      }
    }
  }
}

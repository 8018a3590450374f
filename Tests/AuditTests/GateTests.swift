import Audit
import Foundation
import Testing

private func judge(
  _ yaml: String, _ evidence: Gate.Evidence? = nil, failOn: Policy.Severity = .fail
) throws -> Gate {
  let policy = try Policy(yaml: "checks:\n" + yaml, name: "policy.yaml")
  return Gate(policy, try evidence ?? Gate.Evidence(smallAudit()), failOn: failOn)
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
    let baseline = try smallAudit(accuracy: 1, low: 0.95, high: 1.05)
    let evidence = Gate.Evidence(
      try smallAudit(accuracy: 0.9, low: 0.85, high: 0.95), baseline: baseline)
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
    #expect(gate.rows[0].reason == "full images add too little")
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
    let gate = Gate(policy, Gate.Evidence(try smallAudit()))
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
      try smallAudit(model: "tonight"), baseline: try smallAudit(model: "yesterday"))
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

import Audit
import Testing

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

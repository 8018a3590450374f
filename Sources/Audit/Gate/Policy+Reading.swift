import Datasets
import Foundation
import Spelling
import Yams

extension Policy {
  /// Reads a policy file.
  ///
  /// - Throws: `AuditError.policy` with file, line and key.
  package init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw AuditError.policy(
        place: path, reason: "cannot be read. 'overinterp init' writes one to start from")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw AuditError.policy(place: path, reason: "is not UTF-8 text")
    }
    try self.init(yaml: text, name: path.fileName)
  }

  /// Reads a policy.
  ///
  /// - Throws: `AuditError.policy` with line and key.
  package init(yaml text: String, name: String) throws {
    let reader = PolicyReader(name: name)
    self.init(name: name, text: text, checks: try reader.checks(text))
  }
}

/// Turns YAML into checks, naming line and key of what does not fit.
private struct PolicyReader {
  let name: String

  private static let keys = [
    "metric", "model", "threshold", "min", "max", "max_drop", "max_rise", "severity", "why",
  ]

  func checks(_ text: String) throws -> [Policy.Check] {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw AuditError.policy(place: name, reason: "is not YAML: \(PolicyReader.oneLine(error))")
    }
    guard let root, let top = root.mapping else {
      throw AuditError.policy(place: name, reason: "holds no 'checks:'; see 'overinterp init'")
    }
    for (key, _) in top where key.string != "checks" {
      throw unknown(key, among: ["checks"])
    }
    guard let list = top["checks"]?.sequence, !list.isEmpty else {
      throw AuditError.policy(place: name, reason: "'checks' is not a list of checks")
    }
    return try list.map(check)
  }

  /// Place and problem of a syntax error, without the lines around it.
  private static func oneLine(_ error: YamlError) -> String {
    let hint =
      "\(error)".contains("cannot start any token") ? " (indent with spaces, not tabs)" : ""
    return "\(error)".split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .prefix(2).joined(separator: " ") + hint
  }

  private func check(_ node: Node) throws -> Policy.Check {
    guard let members = node.mapping else {
      throw problem(node, "a check is a mapping such as '- metric: accuracy'")
    }
    for (key, _) in members where !PolicyReader.keys.contains(key.string ?? "") {
      throw unknown(key, among: PolicyReader.keys)
    }
    guard let metricNode = members["metric"], let metric = metricNode.string else {
      throw problem(node, "'metric' is missing")
    }
    let bounds = try [Policy.Bound.Kind.min, .max, .maxDrop, .maxRise].compactMap { kind in
      try members[kind.rawValue].map { try bound(kind, $0, metric) }
    }
    guard !bounds.isEmpty else {
      throw problem(node, "'\(metric)' has no limit: give min, max, max_drop or max_rise")
    }
    try checkMetric(metric, metricNode)
    try checkRanges(bounds, metric, node)
    return Policy.Check(
      metric: metric, models: try members["model"].map(pattern) ?? "*",
      threshold: try members["threshold"].map { try threshold($0, metric) }, bounds: bounds,
      severity: try members["severity"].map(severity) ?? .fail,
      why: members["why"]?.string ?? "", line: metricNode.mark?.line ?? 0)
  }

  /// Refuses names that no audit has.
  private func checkMetric(_ metric: String, _ node: Node) throws {
    guard !Metric.isKnown(metric) else { return }
    throw problem(
      node,
      "there is no metric '\(metric)'"
        + (Metric.nearest(to: metric).map { "; did you mean '\($0)'? " } ?? ". ")
        + "'overinterp validate --metrics' lists them")
  }

  /// Refuses limits that nothing can keep, or everything does.
  private func checkRanges(_ bounds: [Policy.Bound], _ metric: String, _ node: Node) throws {
    for bound in bounds {
      let name = bound.kind.rawValue
      if bound.needsBaseline, bound.amount < 0 {
        throw problem(node, "'\(name)' of '\(metric)' is negative")
      }
      let unit = Metric.named(metric)?.unit
      let isFraction = unit == .fraction || unit == .signed
      if isFraction, !bound.isRelative, abs(bound.amount) > 1 {
        throw problem(
          node,
          "'\(name): \(field(bound.amount))' of '\(metric)', which is a fraction: write 0.9 or 90%")
      }
    }
    let least = bounds.first { $0.kind == .min && !$0.isRelative }?.amount
    let most = bounds.first { $0.kind == .max && !$0.isRelative }?.amount
    if let least, let most, least > most {
      throw problem(node, "'min' of '\(metric)' is above its 'max'")
    }
  }

  private func pattern(_ node: Node) throws -> String {
    guard let text = node.string, !text.isEmpty else {
      throw problem(node, "'model' is a name or a pattern such as resnet*")
    }
    return text
  }

  private func threshold(_ node: Node, _ metric: String) throws -> Double {
    guard let value = node.float, value > 0, value < 1 else {
      throw problem(node, "'threshold' is not a confidence between 0 and 1")
    }
    if let known = Metric.named(metric), !known.hasThresholds {
      throw problem(node, "'\(metric)' has no threshold; remove this line")
    }
    return value
  }

  private func severity(_ node: Node) throws -> Policy.Severity {
    let text = node.string ?? ""
    guard let severity = Policy.Severity(rawValue: text) else {
      let all = Policy.Severity.allCases.map(\.rawValue)
      let near = Spelling.nearest(to: text, among: all).map { "; did you mean '\($0)'?" } ?? ""
      throw problem(node, "severity '\(text)' is none of \(all.joined(separator: ", "))\(near)")
    }
    return severity
  }

  /// A number, a percentage of the whole (`5%`), or a share of the baseline (`95% of baseline`).
  private func bound(
    _ kind: Policy.Bound.Kind, _ node: Node, _ metric: String
  ) throws -> Policy.Bound {
    let text = (node.string ?? "").trimmingCharacters(in: .whitespaces)
    if let number = Double(text), number.isFinite {
      return Policy.Bound(kind: kind, amount: number, isRelative: false)
    }
    if let match = text.wholeMatch(of: /([0-9.]+) ?%( of baseline)?/),
      let number = Double(match.1)
    {
      let isRelative = match.2 != nil
      let unit = Metric.named(metric)?.unit ?? .plain
      if !isRelative, unit == .percent {
        return Policy.Bound(kind: kind, amount: number, isRelative: false)
      }
      if !isRelative, !unit.isPercentage {
        throw problem(node, "'\(metric)' is no share: write '\(kind.rawValue): \(match.1)'")
      }
      if isRelative || kind == .min || kind == .max {
        return Policy.Bound(kind: kind, amount: number / 100, isRelative: isRelative)
      }
      throw problem(
        node,
        "'\(kind.rawValue): \(text)' can mean two things: write \(number / 100) for points, or "
          + "'\(text) of baseline' for a share of the baseline's value")
    }
    throw problem(
      node,
      "'\(kind.rawValue): \(text)' is not a number, a percentage, or a share such as "
        + "'95% of baseline'")
  }

  private func unknown(_ key: Node, among keys: [String]) -> AuditError {
    let text = key.string ?? ""
    let near = Spelling.nearest(to: text, among: keys)
    return problem(
      key,
      "unknown key '\(text)'"
        + (near.map { "; did you mean '\($0)'?" } ?? "; known are \(keys.joined(separator: ", "))"))
  }

  private func problem(_ node: Node, _ reason: String) -> AuditError {
    let line = node.mark.map { ", line \($0.line)" } ?? ""
    return .policy(place: name + line, reason: reason)
  }
}

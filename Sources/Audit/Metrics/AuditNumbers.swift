import Datasets
import Foundation
import SharedWork
import Spelling
import Statistics

/// The numbers of an `audit.json`, found by name.
///
/// A name is a path below `measurements` (or from the top) that leaves out the lists of models and
/// thresholds: `sis_size.median` is one number per model and τ. A measurement's name alone means
/// its main number, an estimate's name its mean; so `accuracy` is `accuracy.accuracy`, and
/// `sis_size.mean` is `sis_size.size.mean`.
package struct AuditNumbers: Sendable {
  /// One number with what it was measured for.
  package struct Found: Equatable, Sendable {
    package var model: String?
    package var threshold: Double?
    /// Nil where `audit.json` says null.
    package var value: Double?
    /// The interval, when the number has one.
    package var low: Double?
    package var high: Double?
    package var n: Int?
    /// Why there is none, where `audit.json` says so beside it.
    package var reason: String?
  }

  /// What is known of a name.
  package enum Answer: Equatable, Sendable {
    case found([Found])
    case notRun(String)
    case unknown(nearest: String?)
  }

  private let root: JSONValue

  /// - Throws: `AuditError.auditFile` when it is not an `audit.json` of this schema.
  package init(_ data: Data, path: String) throws {
    guard let root = try? JSONValue(data), !root["measurements"].members.isEmpty else {
      throw AuditError.auditFile(path: path, reason: "is not an audit.json")
    }
    guard root["schema_version"].number == Double(AuditJSON.schemaVersion) else {
      throw AuditError.auditFile(path: path, reason: "has another schema version")
    }
    self.root = root
  }

  /// From a file, or from the one in an output folder.
  ///
  /// - Throws: `AuditError.auditFile`.
  package init(path: String) throws {
    var file = path
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue
    {
      file = path.appending(pathPart: "audit.json")
    }
    guard let data = FileManager.default.contents(atPath: file) else {
      throw AuditError.auditFile(path: file, reason: "does not exist")
    }
    try self.init(data, path: file)
  }

  package init(_ results: AuditResults, sections: [MeasuredSection]) throws {
    try self.init(
      CanonicalJSON.encode(
        AuditJSON(results, sections: sections, listsImages: false), pretty: false),
      path: "audit.json")
  }

  /// Names of the audited models, with their files' SHA-256.
  package var models: [(name: String, digest: String)] {
    root["models"].elements.compactMap { model in
      model["name"].string.map { ($0, model["sha256"].string ?? "") }
    }
  }

  var settings: JSONValue { root["settings"] }

  /// Of the intervals.
  var intervalLevel: IntervalLevel {
    guard let level = settings["interval_level"].number, level != 1 - IntervalLevel.standard.error
    else { return .standard }
    return IntervalLevel(error: 1 - level)
  }

  /// Name and value of the mask in use, by model.
  var chosenMasks: [String: [JSONValue]] {
    let models = root["measurements"]["mask_sanity"]["models"].elements
    return Dictionary(
      models.compactMap { model in
        let chosen = model["masks"].elements.first { $0["chosen"].number == 1 }
        guard let name = model["model"].string, let chosen else { return nil }
        return (name, [chosen["name"], chosen["value"]])
      }, uniquingKeysWith: { first, _ in first })
  }

  var imageSize: [JSONValue] { [root["data"]["height"], root["data"]["width"]] }

  /// How many images were audited.
  package var auditedImages: Int {
    root["sample"]["strata"].elements.reduce(0) { $0 + Int($1["sampled"].number ?? 0) }
  }

  /// The τ of the audit.
  package var thresholds: [Double] {
    root["settings"]["thresholds"].elements.compactMap(\.number)
  }

  /// The numbers of a name, one for each model and τ that it has, or why there are none.
  package func find(_ name: String) -> Answer {
    var path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...]
    let measurements = root["measurements"].members
    if path.first == "measurements" { path.removeFirst() }
    guard let first = path.first else { return .unknown(nearest: nil) }
    guard let measurement = measurements[first] else {
      let found = walk(root, path, Found(), headline: nil)
      return found.map { .found($0) } ?? .unknown(nearest: nearestName(name))
    }
    if case .null = measurement { return .notRun(reasonNotRun(first)) }
    let headline = MeasurementRegistry.all.first { $0.key == first }?.main?.name
    let found = walk(measurement, path.dropFirst(), Found(), headline: headline)
    return found.map { .found($0) } ?? .unknown(nearest: nearestName(name))
  }

  private func reasonNotRun(_ measurement: String) -> String {
    root["not_run"].elements.first { $0["measurement"].string == measurement }?["reason"].string
      ?? "it did not run"
  }

  // MARK: Walking

  /// - Returns: Nil when the path leads nowhere.
  private func walk(
    _ node: JSONValue, _ path: ArraySlice<String>, _ context: Found, headline: String?
  ) -> [Found]? {
    switch node {
    case .null:
      // What is not there has no parts either.
      return [context]
    case .number, .string:
      guard path.isEmpty, node.string == nil else { return nil }
      var found = context
      found.value = node.number
      return [found]
    case .array(let elements):
      return walk(elements, path, context, headline)
    case .object(let members):
      return walk(members, path, context, headline)
    }
  }

  private func walk(
    _ elements: [JSONValue], _ path: ArraySlice<String>, _ context: Found, _ headline: String?
  ) -> [Found]? {
    if let index = path.first.flatMap({ Int($0) }) {
      guard elements.indices.contains(index) else { return nil }
      return walk(elements[index], path.dropFirst(), context, headline: headline)
    }
    var all: [Found] = []
    for element in elements {
      var inner = context
      if let model = element["model"].string {
        inner.model = model
      } else if let threshold = element["threshold"].number {
        inner.threshold = threshold
      } else if element["sha256"].string != nil, let name = element["name"].string {
        inner.model = name
      } else {
        return nil
      }
      guard let found = walk(element, path, inner, headline: headline) else { return nil }
      all += found
    }
    return all
  }

  private func walk(
    _ members: [String: JSONValue], _ path: ArraySlice<String>, _ context: Found,
    _ headline: String?
  ) -> [Found]? {
    if let key = path.first, let child = members[key] {
      guard path.count == 1, child.members.isEmpty, child.elements.isEmpty else {
        return walk(child, path.dropFirst(), context, headline: nil)
      }
      let found = walk(child, [], context, headline: nil)
      return found?.map { withInterval($0, key, members, headline) }
    }
    if path.isEmpty, members["mean"] != nil {
      return walk(members, ["mean"], context, headline)
    }
    for list in ["models", "thresholds"] {
      if let found = members[list].flatMap({ walk($0, path, context, headline: headline) }) {
        return found
      }
    }
    guard let headline, let main = members[headline] else { return nil }
    if main.members.isEmpty, case .null = main { return walk(main, [], context, headline: nil) }
    return main.members.isEmpty
      ? (path.isEmpty ? walk(members, [headline], context, headline) : nil)
      : walk(main, path, context, headline: nil)
  }

  /// A number's interval stands beside it: `NAME_low`, or `low` for a mean and a main number.
  private func withInterval(
    _ found: Found, _ key: String, _ members: [String: JSONValue], _ headline: String?
  ) -> Found {
    var found = found
    let isMain = key == "mean" || key == headline
    found.low = members["\(key)_low"]?.number ?? (isMain ? members["low"]?.number : nil)
    found.high = members["\(key)_high"]?.number ?? (isMain ? members["high"]?.number : nil)
    found.reason = members["\(key)_reason"]?.string
    found.n = (members["n"]?.number).map { Int($0) }
    return found
  }
}

extension AuditNumbers {
  /// The declared name, or the nearest one.
  private func nearestName(_ name: String) -> String? {
    Metric.nearest(to: name, alsoAmong: root.members.keys.sorted())
  }
}

extension Metric {
  /// What a mistyped name most likely meant.
  ///
  /// When nothing is near as a whole, a metric of the same measurement with the nearest end.
  package static func nearest(to name: String, alsoAmong others: [String] = []) -> String? {
    let names = all.map(\.name) + MeasurementRegistry.all.map { $0.key } + others
    if let near = Spelling.nearest(to: name, among: names) { return near }
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard let first = parts.first,
      let measurement = Spelling.nearest(
        to: first, among: MeasurementRegistry.all.map { $0.key })
    else { return nil }
    let members = all.map(\.name).filter { $0.hasPrefix(measurement + ".") }
    return members.first { $0.hasSuffix("." + (parts.last ?? "")) } ?? members.first ?? measurement
  }
}

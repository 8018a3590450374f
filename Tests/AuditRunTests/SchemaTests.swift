import Audit
import AuditRun
import Foundation
import Testing

/// Checks a JSON value against the keywords that `docs/audit.schema.json` uses.
private struct SchemaChecker {
  let definitions: [String: Any]

  init(_ schema: [String: Any]) {
    definitions = schema["$defs"] as? [String: Any] ?? [:]
  }

  /// What does not fit, with its place.
  func problems(_ value: Any, _ schema: [String: Any], at path: String = "$") -> [String] {
    if let reference = schema["$ref"] as? String {
      let name = reference.replacingOccurrences(of: "#/$defs/", with: "")
      guard let definition = definitions[name] as? [String: Any] else {
        return ["\(path): no definition \(name)"]
      }
      return problems(value, definition, at: path)
    }
    if let choices = schema["anyOf"] as? [[String: Any]] {
      let fits = choices.contains { problems(value, $0, at: path).isEmpty }
      return fits ? [] : ["\(path): fits no choice"]
    }
    if let constant = schema["const"] as? Int {
      return (value as? NSNumber)?.intValue == constant ? [] : ["\(path): not \(constant)"]
    }
    let types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] } ?? []
    guard types.isEmpty || types.contains(where: { isType($0, value) }) else {
      return ["\(path): \(value) is none of \(types)"]
    }
    var found: [String] = []
    if let object = value as? [String: Any] {
      let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
      for key in schema["required"] as? [String] ?? [] where object[key] == nil {
        found.append("\(path): '\(key)' is missing")
      }
      for (key, member) in object {
        if let property = properties[key] {
          found += problems(member, property, at: "\(path).\(key)")
        } else if schema["additionalProperties"] as? Bool == false {
          found.append("\(path): '\(key)' is not in the schema")
        }
      }
    }
    if let array = value as? [Any], let items = schema["items"] as? [String: Any] {
      for (index, member) in array.enumerated() {
        found += problems(member, items, at: "\(path)[\(index)]")
      }
    }
    return found
  }

  private func isType(_ type: String, _ value: Any) -> Bool {
    switch type {
    case "null": value is NSNull
    case "string": value is String
    case "array": value is [Any]
    case "object": value is [String: Any]
    case "number", "boolean": value is NSNumber
    case "integer": (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } ?? false
    default: false
    }
  }
}

@Suite struct SchemaTests {
  private func check(_ settings: AuditSettings, models: [String]) throws -> [String] {
    let file = URL(fileURLWithPath: FixtureAudit.root)
      .appendingPathComponent("../docs/audit.schema.json").standardizedFileURL
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    let schema = try #require(json as? [String: Any])
    return try FixtureAudit.withTemporaryFolder { folder in
      let results = try AuditRunner(
        models: models.map(FixtureAudit.model), dataset: FixtureAudit.dataset(),
        settings: settings, folder: RunFolder(folder)
      ).run { _ in }
      let report = AuditJSON(results, sections: MeasuredSection.all(results))
      let data = try CanonicalJSON.encode(report, pretty: false)
      return SchemaChecker(schema).problems(try JSONSerialization.jsonObject(with: data), schema)
    }
  }

  @Test func `audit.json follows its schema when everything ran`() throws {
    var settings = AuditSettings()
    settings.method = .gradient
    settings.block = 56
    settings.limit = 12
    #expect(try check(settings, models: ["resnet20-a", "vgg8"]) == [])
  }

  @Test func `audit.json follows its schema when hardly anything ran`() throws {
    var settings = AuditSettings()
    settings.method = .gradient
    settings.thresholds = [0.999_999]
    settings.limit = 1
    #expect(try check(settings, models: ["vgg8"]) == [])
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

import Foundation

/// Checks a JSON value against the keywords that the schema of `audit.json` uses.
struct SchemaChecker {
  private let schema: [String: Any]
  private let definitions: [String: Any]

  init(_ schema: [String: Any]) {
    self.schema = schema
    definitions = schema["$defs"] as? [String: Any] ?? [:]
  }

  /// From a schema's text.
  init(_ text: Data) throws {
    self.init(try JSONSerialization.jsonObject(with: text) as? [String: Any] ?? [:])
  }

  /// What does not fit in a JSON text, with its place.
  func problems(_ text: Data) throws -> [String] {
    problems(try JSONSerialization.jsonObject(with: text), schema)
  }

  /// What of a value does not fit a part of the schema.
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

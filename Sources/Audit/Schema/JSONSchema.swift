/// JSON Schema (2020-12), as far as it describes what this package writes: objects have all their
/// members and no others.
package indirect enum JSONSchema: Equatable, Sendable {
  case integer, number, string, boolean
  case constant(Int)
  case choice([String])
  case array(JSONSchema)
  case object([String: JSONSchema])
  /// To one of the document's definitions.
  case reference(String)
  /// The same, or null.
  case nullable(JSONSchema)
  case described(String, JSONSchema)
}

extension JSONSchema: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: JSONKey.self)
    try encode(into: &container, isNullable: false)
  }

  private func encode(
    into container: inout KeyedEncodingContainer<JSONKey>, isNullable: Bool
  ) throws {
    func write(type: String) throws {
      if isNullable {
        try container.encode([type, "null"], forKey: "type")
      } else {
        try container.encode(type, forKey: "type")
      }
    }
    switch self {
    case .integer: try write(type: "integer")
    case .number: try write(type: "number")
    case .string: try write(type: "string")
    case .boolean: try write(type: "boolean")
    case .constant(let value): try container.encode(value, forKey: "const")
    case .choice(let values): try container.encode(values, forKey: "enum")
    case .array(let element):
      try write(type: "array")
      try container.encode(element, forKey: "items")
    case .object(let members):
      try write(type: "object")
      try container.encode(members, forKey: "properties")
      try container.encode(members.keys.sorted(), forKey: "required")
      try container.encode(false, forKey: "additionalProperties")
    case .reference(let name):
      try container.encode("#/$defs/\(name)", forKey: "$ref")
    case .nullable(let schema):
      if case .reference = schema {
        try container.encode([AnyOf.schema(schema), .null], forKey: "anyOf")
      } else {
        try schema.encode(into: &container, isNullable: true)
      }
    case .described(let text, let schema):
      try container.encode(text, forKey: "description")
      try schema.encode(into: &container, isNullable: isNullable)
    }
  }

  private enum AnyOf: Encodable {
    case schema(JSONSchema)
    case null

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .schema(let schema): try schema.encode(to: encoder)
      case .null: try ["type": "null"].encode(to: encoder)
      }
    }
  }
}

/// A key known only when it is written.
struct JSONKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  let intValue: Int? = nil

  init(_ name: String) { stringValue = name }
  init(stringLiteral name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

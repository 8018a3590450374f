import Foundation

/// JSON as a value, for looking up numbers whose place is known only by name.
package indirect enum JSONValue: Equatable, Sendable {
  case null
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Booleans become 0 and 1.
  ///
  /// - Throws: What Foundation says of text that is not JSON.
  package init(_ data: Data) throws {
    self.init(foundation: try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed))
  }

  private init(foundation value: Any) {
    switch value {
    case let object as [String: Any]: self = .object(object.mapValues(JSONValue.init(foundation:)))
    case let array as [Any]: self = .array(array.map(JSONValue.init(foundation:)))
    case let text as String: self = .string(text)
    case let number as NSNumber: self = .number(number.doubleValue)
    default: self = .null
    }
  }

  var members: [String: JSONValue] {
    if case .object(let members) = self { members } else { [:] }
  }

  var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  package var number: Double? {
    if case .number(let value) = self { value } else { nil }
  }

  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  package subscript(key: String) -> JSONValue { members[key] ?? .null }
}

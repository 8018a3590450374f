// What a measurement's fields say of `audit.json`.
extension MeasuredField {
  /// Its members: itself, the bounds of its interval, and the reason why it is null.
  var schemas: [String: JSONSchema] {
    let value = form.schema
    var members = [name: JSONSchema.described(meaning, isNullable ? .nullable(value) : value)]
    if case .interval(_, let bounds, let always) = form {
      for bound in bounds.names(of: name) {
        members[bound] = isNullable || !always ? .nullable(.number) : .number
      }
    }
    if hasReason {
      members["\(name)_reason"] = .described(
        "Why \(name), or its interval, is null.", .nullable(.string))
    }
    return members
  }
}

extension MeasuredField.Form {
  fileprivate var schema: JSONSchema {
    switch self {
    case .exact(.count): .integer
    case .exact, .sampled, .interval: .number
    case .estimate: .reference("estimate")
    case .flag: .boolean
    case .text: .string
    case .list(let element): .array(element.schema)
    case .group(let members): .object(members.schemas)
    }
  }
}

extension [MeasuredField] {
  fileprivate var schemas: [String: JSONSchema] {
    reduce(into: [:]) { members, field in members.merge(field.schemas) { first, _ in first } }
  }
}

extension Measurement {
  /// Its value in `audit.json`: null when it did not run.
  static var schema: JSONSchema {
    func members(_ scope: MeasuredField.Scope) -> [String: JSONSchema] {
      fields.filter { $0.scope == scope }.schemas
    }
    var ofModel = members(.model)
    let ofThreshold = members(.threshold)
    if !ofThreshold.isEmpty {
      ofModel["thresholds"] = .array(
        .object(ofThreshold.merging(["threshold": .number]) { first, _ in first }))
    }
    var members = members(.audit)
    if !ofModel.isEmpty {
      members["models"] = .array(.object(ofModel.merging(["model": .string]) { first, _ in first }))
    }
    return .described(title, .nullable(.object(members)))
  }
}

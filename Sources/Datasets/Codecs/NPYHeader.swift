/// The header of an NPY file: a Python dictionary with `descr`, `fortran_order` and `shape`.
struct NPYHeader: Equatable {
  /// NumPy's short name of the type; nil for records of several fields.
  private(set) var type: String?
  private(set) var isColumnMajor = false
  private(set) var shape: [Int] = []

  /// Nil when the text is no such dictionary.
  init?(_ bytes: ArraySlice<UInt8>) {
    var scanner = LiteralScanner(bytes)
    guard case .dictionary(let entries)? = scanner.value(depth: 0) else { return nil }
    var found: Set<String> = []
    for (key, value) in entries {
      guard found.insert(key).inserted else { return nil }
      switch (key, value) {
      case ("descr", .text(let name)): type = name
      case ("descr", .sequence): type = nil
      case ("fortran_order", .flag(let flag)): isColumnMajor = flag
      case ("shape", .sequence(let items)):
        for item in items {
          guard case .number(let extent) = item else { return nil }
          shape.append(extent)
        }
      default: return nil
      }
    }
    guard found.isSuperset(of: ["descr", "fortran_order", "shape"]) else { return nil }
  }
}

/// Reads the few Python literals that headers are made of.
private struct LiteralScanner {
  enum Value {
    case text(String)
    case flag(Bool)
    case number(Int)
    case sequence([Value])
    case dictionary([(String, Value)])
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func value(depth: Int) -> Value? {
    // Record types nest; hostile ones without end.
    guard depth < 16, let next = nextCharacter() else { return nil }
    switch next {
    case "'", "\"": return string(closing: next).map { .text($0) }
    case "(": return sequence(closing: ")", depth)
    case "[": return sequence(closing: "]", depth)
    case "{": return dictionary(depth)
    default: return word(from: next)
    }
  }

  /// The next character that is not a space.
  private mutating func nextCharacter() -> Character? {
    while let byte = rest.popFirst() {
      let character = Character(Unicode.Scalar(byte))
      if !character.isWhitespace { return character }
    }
    return nil
  }

  /// Takes the next character when it is this one.
  private mutating func take(_ expected: Character) -> Bool {
    let before = rest
    if nextCharacter() == expected { return true }
    rest = before
    return false
  }

  private mutating func string(closing quote: Character) -> String? {
    guard let end = rest.firstIndex(where: { Character(Unicode.Scalar($0)) == quote }) else {
      return nil
    }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private mutating func sequence(closing end: Character, _ depth: Int) -> Value? {
    var items: [Value] = []
    while !take(end) {
      guard let item = value(depth: depth + 1) else { return nil }
      items.append(item)
      guard take(",") else { return take(end) ? .sequence(items) : nil }
    }
    return .sequence(items)
  }

  private mutating func dictionary(_ depth: Int) -> Value? {
    var entries: [(String, Value)] = []
    while !take("}") {
      guard case .text(let key)? = value(depth: depth + 1), take(":"),
        let item = value(depth: depth + 1)
      else { return nil }
      entries.append((key, item))
      guard take(",") else { return take("}") ? .dictionary(entries) : nil }
    }
    return .dictionary(entries)
  }

  /// `True`, `False`, `None` or a whole number, which Python 2 ended with an L.
  private mutating func word(from first: Character) -> Value? {
    var text = String(first)
    while let byte = rest.first, let character = Optional(Character(Unicode.Scalar(byte))),
      character.isLetter || character.isNumber
    {
      text.append(character)
      rest.removeFirst()
    }
    switch text {
    case "True": return .flag(true)
    case "False": return .flag(false)
    default: return Int(text.hasSuffix("L") ? String(text.dropLast()) : text).map { .number($0) }
    }
  }
}

/// The bytes of a pickle, taken from the front.
struct PickleInput {
  private let all: [UInt8]
  private let path: String
  private var position = 0

  init(_ bytes: [UInt8], path: String) {
    all = bytes
    self.path = path
  }

  var damaged: DatasetError {
    .malformed(path: path, reason: "the pickle is damaged at byte \(position)")
  }

  private var truncated: DatasetError {
    .malformed(path: path, reason: "the pickle ends early, after \(all.count) bytes")
  }

  mutating func byte() throws -> UInt8 {
    guard position < all.count else { throw truncated }
    defer { position += 1 }
    return all[position]
  }

  mutating func bytes(_ count: Int) throws -> ArraySlice<UInt8> {
    guard (0...all.count - position).contains(count) else { throw truncated }
    defer { position += count }
    return all[position..<position + count]
  }

  /// Up to the end of the line, which is dropped.
  mutating func line() throws -> ArraySlice<UInt8> {
    guard let end = all[position...].firstIndex(of: 10) else { throw truncated }
    defer { position = end + 1 }
    return all[position..<end]
  }

  /// A number of some bytes, low byte first.
  mutating func unsigned(_ size: Int) throws -> Int {
    let value = try bytes(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let result = Int(exactly: value) else { throw damaged }
    return result
  }

  /// How many bytes follow.
  mutating func length(_ size: Int) throws -> Int {
    let length = try unsigned(size)
    guard length <= all.count - position else { throw truncated }
    return length
  }

  /// A line with a quoted string of Python 2.
  mutating func quotedLine() throws -> [UInt8] {
    var rest = try line()
    guard rest.count >= 2, let quote = rest.popFirst(), quote == rest.popLast(),
      quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    else { throw damaged }
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
      UInt8(ascii: "\\"): 92, UInt8(ascii: "'"): 39, UInt8(ascii: "\""): 34,
    ]
    var result: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      guard let letter = rest.popFirst() else { throw damaged }
      if letter == UInt8(ascii: "x") {
        result.append(UInt8(try hexadecimal(&rest, digits: 2)))
      } else if let value = plain[letter] {
        result.append(value)
      } else {
        throw damaged
      }
    }
    return result
  }

  /// A line of Latin-1 with `\u` and `\U` for other characters.
  mutating func unicodeLine() throws -> String {
    var rest = try line()
    var result = String.UnicodeScalarView()
    while let byte = rest.popFirst() {
      let digits = [UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8]
      if byte == UInt8(ascii: "\\"), let count = rest.first.flatMap({ digits[$0] }) {
        rest.removeFirst()
        let code = try hexadecimal(&rest, digits: count)
        result.append(Unicode.Scalar(code) ?? "\u{fffd}")
      } else {
        result.append(Unicode.Scalar(byte))
      }
    }
    return String(result)
  }

  private func hexadecimal(_ rest: inout ArraySlice<UInt8>, digits: Int) throws -> UInt32 {
    let text = String(decoding: rest.prefix(digits), as: UTF8.self)
    guard text.utf8.count == digits, let code = UInt32(text, radix: 16) else { throw damaged }
    rest = rest.dropFirst(digits)
    return code
  }
}

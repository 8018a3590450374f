import Foundation

/// The Netpbm formats P1 to P6: bitmaps, grey maps of up to 8 bits, and pixel maps.
enum NetpbmCodec: ImageCodec {
  static func recognises(_ bytes: Data) -> Bool {
    let head = [UInt8](bytes.prefix(3))
    return head.count == 3 && head[0] == UInt8(ascii: "P")
      && (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(head[1]) && head[2].isSpace
  }

  static func decode(_ file: ImageFile) throws -> RawImage {
    var tokens = NetpbmTokens(bytes: [UInt8](file.bytes))
    let kind = Int(tokens.bytes[1] - UInt8(ascii: "0"))
    let isBitmap = kind == 1 || kind == 4
    guard let width = tokens.number(), let height = tokens.number(),
      let maximum = isBitmap ? 1 : tokens.number()
    else { throw file.corrupt("its header is damaged or cut") }
    try file.checkSize(width: width, height: height)
    guard (1...65_535).contains(maximum) else {
      throw file.corrupt("it claims a maximum of \(maximum)")
    }
    let channels = kind == 3 || kind == 6 ? 3 : 1
    if channels == 1 && maximum > 255 { throw file.grey16("PGM") }

    let count = width * height * channels
    let stored =
      switch kind {
      case 1: tokens.bits(count)
      case 4: tokens.packedBits(width: width, height: height)
      case 2, 3: tokens.numbers(count)
      default: tokens.binary(count, size: maximum > 255 ? 2 : 1)
      }
    guard let stored else { throw file.corrupt("it ends early, or holds something else") }
    if isBitmap { return image(width, height, 1, stored.map { $0 == 0 ? 255 : 0 }) }
    guard let highest = stored.max(), highest <= maximum else {
      throw file.corrupt("a value is above the maximum that it states, \(maximum)")
    }
    if maximum == 255 { return image(width, height, channels, stored.map { UInt8($0) }) }
    let scaled = (0...maximum).map {
      UInt8((Double($0) / Double(maximum) * 255).rounded(.toNearestOrEven))
    }
    return image(width, height, channels, stored.map { scaled[$0] })
  }

  private static func image(
    _ width: Int, _ height: Int, _ channels: Int, _ samples: [UInt8]
  ) -> RawImage {
    RawImage(width: width, height: height, channels: channels, samples: .bytes(samples))
  }
}

/// What stands between white space and comments, and the samples that follow.
private struct NetpbmTokens {
  let bytes: [UInt8]
  private var position = 2

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private mutating func skipSpaceAndComments() {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, ![0x0a, 0x0d].contains(bytes[position]) { position += 1 }
      } else if bytes[position].isSpace {
        position += 1
      } else {
        return
      }
    }
  }

  /// A whole number, with the one white space behind it.
  mutating func number() -> Int? {
    skipSpaceAndComments()
    let start = position
    while position < bytes.count, !bytes[position].isSpace { position += 1 }
    let digits = bytes[start..<position]
    guard (1...10).contains(digits.count),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    position = min(position + 1, bytes.count)
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  mutating func numbers(_ count: Int) -> [Int]? {
    // A number needs two bytes, the last one only one.
    guard count <= bytes.count else { return nil }
    var values: [Int] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      guard let value = number() else { return nil }
      values.append(value)
    }
    return values
  }

  /// Digits 0 and 1, with white space between them or not.
  mutating func bits(_ count: Int) -> [Int]? {
    guard count <= bytes.count else { return nil }
    var values: [Int] = []
    values.reserveCapacity(count)
    while values.count < count {
      skipSpaceAndComments()
      guard position < bytes.count else { return nil }
      switch bytes[position] {
      case UInt8(ascii: "0"): values.append(0)
      case UInt8(ascii: "1"): values.append(1)
      default: return nil
      }
      position += 1
    }
    return values
  }

  func packedBits(width: Int, height: Int) -> [Int]? {
    let length = (width + 7) / 8
    guard length * height <= bytes.count - position else { return nil }
    return (0..<height).flatMap { row in
      let start = position + row * length
      return unpackBits(bytes[start..<start + length], bits: 1, count: width).map { Int($0) }
    }
  }

  func binary(_ count: Int, size: Int) -> [Int]? {
    guard count * size <= bytes.count - position else { return nil }
    if size == 1 { return bytes[position..<position + count].map { Int($0) } }
    return (0..<count).map {
      Int(bytes[position + 2 * $0]) << 8 | Int(bytes[position + 2 * $0 + 1])
    }
  }
}

extension UInt8 {
  /// White space as Netpbm means it.
  fileprivate var isSpace: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}

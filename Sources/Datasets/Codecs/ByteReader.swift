import Foundation

/// Whole numbers from bytes, nil beyond their end.
struct ByteReader {
  private let bytes: Data
  private let isBigEndian: Bool

  init(_ bytes: Data, isBigEndian: Bool) {
    self.bytes = bytes
    self.isBigEndian = isBigEndian
  }

  var count: Int { bytes.count }

  func uint8(at offset: Int) -> Int? {
    guard offset >= 0, offset < bytes.count else { return nil }
    return Int(bytes[bytes.startIndex + offset])
  }

  func uint16(at offset: Int) -> Int? { number(at: offset, size: 2) }
  func uint32(at offset: Int) -> Int? { number(at: offset, size: 4) }

  private func number(at offset: Int, size: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    let start = bytes.startIndex + offset
    let digits = bytes[start..<start + size]
    return isBigEndian
      ? digits.reduce(0) { $0 << 8 | Int($1) } : digits.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// `count` bytes from `offset`; nil when they are not all there.
  func bytes(at offset: Int, count: Int) -> Data? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset
    else { return nil }
    let start = bytes.startIndex + offset
    return bytes[start..<start + count]
  }
}

/// Whole numbers of `bits` bits each, highest bits first.
func unpackBits(_ bytes: ArraySlice<UInt8>, bits: Int, count: Int) -> [UInt8] {
  if bits == 8 { return Array(bytes.prefix(count)) }
  let perByte = 8 / bits
  let mask = UInt8((1 << bits) - 1)
  return (0..<count).map { index in
    bytes[bytes.startIndex + index / perByte] >> (8 - bits - index % perByte * bits) & mask
  }
}

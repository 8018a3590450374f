import Foundation

/// Numbers that JSON would bloat, as base64 of little-endian bytes.
package struct PackedNumbers<Number: BitwiseCopyable & Sendable & Equatable>: Codable, Equatable,
  Sendable
{
  package var values: [Number]

  package init(_ values: [Number]) {
    self.values = values
  }

  package init(from decoder: any Decoder) throws {
    let data = try decoder.singleValueContainer().decode(Data.self)
    let size = MemoryLayout<Number>.stride
    guard data.count % size == 0 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a whole number of elements"))
    }
    values = [Number](unsafeUninitializedCapacity: data.count / size) { buffer, count in
      data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      count = data.count / size
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values.withUnsafeBytes { Data($0) })
  }

  /// Equality of bytes, so that NaN equals itself.
  package static func == (left: PackedNumbers, right: PackedNumbers) -> Bool {
    left.values.withUnsafeBytes { left in
      right.values.withUnsafeBytes { right in left.elementsEqual(right) }
    }
  }
}

import Foundation

/// Windows and OS/2 bitmaps of 1, 4, 8, 16, 24 and 32 bits, packed by run lengths or not.
///
/// No library that Debian keeps reads these kinds as Pillow does without a desktop behind it. As
/// in Pillow, transparency is dropped and bit fields are those of `maskedLayouts`.
enum BMPCodec: ImageCodec {
  static func recognises(_ bytes: Data) -> Bool { bytes.starts(with: Data("BM".utf8)) }

  static func decode(_ file: ImageFile) throws -> RawImage {
    let header = try BMPHeader(file)
    try file.checkSize(width: header.width, height: header.height)
    switch header.compression {
    case .rle8, .rle4:
      return try BMPRunLengths(file, header).image()
    case .none, .bitFields:
      return header.bits <= 8 ? try indexed(file, header) : try colored(file, header)
    }
  }

  /// The rows of a bitmap from the top down, without their padding.
  private static func rows(_ file: ImageFile, _ header: BMPHeader) throws -> [ArraySlice<UInt8>] {
    let length = (header.width * header.bits + 7) / 8
    let stride = (header.width * header.bits + 31) / 32 * 4
    let needed = header.dataOffset + stride * (header.height - 1) + length
    guard needed <= file.bytes.count else {
      throw DatasetError.truncated(path: file.path, expected: needed, found: file.bytes.count)
    }
    let bytes = [UInt8](file.bytes)
    return (0..<header.height).map { row in
      let fromStart = header.isTopDown ? row : header.height - 1 - row
      let start = header.dataOffset + stride * fromStart
      return bytes[start..<start + length]
    }
  }

  private static func indexed(_ file: ImageFile, _ header: BMPHeader) throws -> RawImage {
    var indices: [UInt8] = []
    indices.reserveCapacity(header.width * header.height)
    for row in try rows(file, header) {
      indices += unpackBits(row, bits: header.bits, count: header.width)
    }
    return try header.image(file, indices)
  }

  private static func colored(_ file: ImageFile, _ header: BMPHeader) throws -> RawImage {
    let layout = try header.layout(file)
    var colors: [UInt8] = []
    colors.reserveCapacity(header.width * header.height * 3)
    for row in try rows(file, header) {
      for pixel in stride(from: row.startIndex, to: row.endIndex, by: header.bits / 8) {
        switch layout {
        case .bytes(let red, let green, let blue):
          colors.append(row[pixel + red])
          colors.append(row[pixel + green])
          colors.append(row[pixel + blue])
        case .fields(let greenBits):
          let value = Int(row[pixel]) | Int(row[pixel + 1]) << 8
          let green = (1 << greenBits) - 1
          colors.append(UInt8((value >> (5 + greenBits) & 31) * 255 / 31))
          colors.append(UInt8((value >> 5 & green) * 255 / green))
          colors.append(UInt8((value & 31) * 255 / 31))
        }
      }
    }
    return RawImage(
      width: header.width, height: header.height, channels: 3, samples: .bytes(colors))
  }
}

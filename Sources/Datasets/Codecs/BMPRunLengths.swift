import Foundation

/// Run lengths of bitmaps of 8 and 4 bits, read as Pillow reads them.
struct BMPRunLengths {
  private let file: ImageFile
  private let header: BMPHeader
  private let reader: ByteReader
  private let count: Int

  init(_ file: ImageFile, _ header: BMPHeader) {
    self.file = file
    self.header = header
    reader = ByteReader(file.bytes, isBigEndian: false)
    count = header.width * header.height
  }

  func image() throws -> RawImage {
    let indices = try self.indices()
    guard indices.count >= count else {
      throw file.corrupt("its runs end after \(indices.count) of \(count) pixels")
    }
    if header.isTopDown { return try header.image(file, Array(indices.prefix(count))) }
    let upright = (0..<header.height).reversed().flatMap { row in
      indices[row * header.width..<(row + 1) * header.width]
    }
    return try header.image(file, upright)
  }

  /// The pixels in the order of the file, its last row first.
  private func indices() throws -> [UInt8] {
    var pixels: [UInt8] = []
    var x = 0
    var position = header.dataOffset
    while pixels.count < count {
      guard let length = reader.uint8(at: position), let value = reader.uint8(at: position + 1)
      else { return pixels }
      position += 2
      if length > 0 {
        let fitting = max(0, min(length, header.width - x))
        pixels += (0..<fitting).map { half(value, at: $0) }
        x += fitting
        continue
      }
      switch value {
      case 0:
        let over = pixels.count % header.width
        if over > 0 { pixels += [UInt8](repeating: 0, count: header.width - over) }
        x = 0
      case 1: return pixels
      case 2:
        guard let right = reader.uint8(at: position), let up = reader.uint8(at: position + 1)
        else { return pixels }
        position += 2
        let skipped = min(count - pixels.count, right + up * header.width)
        pixels += [UInt8](repeating: 0, count: skipped)
        x = pixels.count % header.width
      default:
        let wanted = min(count - pixels.count, value)
        let size = header.compression == .rle4 ? (wanted + 1) / 2 : wanted
        guard let stored = reader.bytes(at: position, count: size) else { return pixels }
        let values = [UInt8](stored)
        pixels += (0..<wanted).map {
          header.compression == .rle4 ? half(Int(values[$0 / 2]), at: $0) : values[$0]
        }
        x += value
        position += size
        position += position % 2
      }
    }
    return pixels
  }

  /// Pixel `index` of a run: the byte, or in 4 bits its halves in turn.
  private func half(_ value: Int, at index: Int) -> UInt8 {
    guard header.compression == .rle4 else { return UInt8(value) }
    return UInt8(index.isMultiple(of: 2) ? value >> 4 : value & 15)
  }
}

import Foundation

/// What a bitmap's headers say.
struct BMPHeader {
  enum Compression: Int {
    case none = 0
    case rle8 = 1
    case rle4 = 2
    case bitFields = 3
  }

  /// How the bytes of a pixel of 16 bits or more hold its colours.
  enum Layout {
    /// Offsets of red, green and blue.
    case bytes(Int, Int, Int)
    /// 5 bits of blue, then green, then 5 bits of red.
    case fields(greenBits: Int)
  }

  let width: Int
  let height: Int
  let isTopDown: Bool
  let bits: Int
  let compression: Compression
  let dataOffset: Int
  private let masks: [Int]
  private let palette: [(UInt8, UInt8, UInt8)]

  init(_ file: ImageFile) throws {
    let reader = ByteReader(file.bytes, isBigEndian: false)
    func number16(_ offset: Int) throws -> Int {
      guard let value = reader.uint16(at: offset) else { throw file.corrupt("its header is cut") }
      return value
    }
    func number32(_ offset: Int) throws -> Int {
      guard let value = reader.uint32(at: offset) else { throw file.corrupt("its header is cut") }
      return value
    }
    let size = try number32(14)
    let isCore = size == 12
    guard isCore || [40, 52, 56, 64, 108, 124].contains(size) else {
      throw file.unsupported(
        "a BMP with a header of \(size) bytes", advice: "Save it as PNG.")
    }
    width = try isCore ? number16(18) : number32(18)
    let storedHeight = try isCore ? number16(20) : number32(22)
    isTopDown = !isCore && storedHeight >> 24 == 0xff
    height = isTopDown ? 1 << 32 - storedHeight : storedHeight
    bits = try number16(isCore ? 24 : 28)
    guard [1, 4, 8, 16, 24, 32].contains(bits) else {
      throw file.unsupported("a BMP of \(bits) bits", advice: "Save it as PNG.")
    }
    let scheme = isCore ? 0 : try number32(30)
    guard let compression = Compression(rawValue: scheme),
      compression != .rle8 || bits == 8, compression != .rle4 || bits == 4,
      compression != .bitFields || bits >= 16
    else {
      throw file.unsupported(
        "a BMP of \(bits) bits with compression \(scheme)", advice: "Save it as PNG.")
    }
    self.compression = compression
    masks =
      compression == .bitFields
      ? try (0..<(size >= 56 ? 4 : 3)).map {
        try number32(54 + 4 * $0)
      } : []

    let colors = isCore ? 0 : try number32(46)
    let entries = bits > 8 ? 0 : colors == 0 ? 1 << bits : colors
    guard entries <= 1 << 16 else { throw file.corrupt("it claims a palette of \(entries)") }
    let entrySize = isCore ? 3 : 4
    palette = try (0..<entries).map { entry in
      let start = 14 + size + entrySize * entry
      guard let bytes = reader.bytes(at: start, count: 3) else {
        throw file.corrupt("its palette is cut")
      }
      return (bytes[start + 2], bytes[start + 1], bytes[start])
    }
    let stated = try number32(10)
    let behindHeaders = 14 + size + (compression == .bitFields && size == 40 ? 12 : 0)
    // Some writers state an offset that forgets the palette.
    dataOffset =
      stated == 0 || (stated == 14 + size && bits <= 8)
      ? behindHeaders + entrySize * entries : stated
  }

  /// The picture of palette indices.
  func image(_ file: ImageFile, _ indices: [UInt8]) throws -> RawImage {
    // Pillow reads these as if they had 8 bits, or 1.
    let isRamp = palette.enumerated().allSatisfy { index, color in
      let grey = palette.count == 2 ? 255 * index : index
      return [color.0, color.1, color.2].allSatisfy { Int($0) == grey }
    }
    guard !(isRamp && (bits == 4 || (bits == 8 && palette.count <= 2))) else {
      throw file.unsupported(
        "a BMP of \(bits) bits with \(palette.count) greys in order, which programs read in "
          + "different ways", advice: "Save it as PNG.")
    }
    return try RawImage.indexed(
      width: width, height: height, indices: indices, palette: palette
    ) { file.corrupt("a pixel has colour \($0), and the palette only \(palette.count)") }
  }

  /// The fields that Pillow knows, by bits and masks of red, green, blue and opacity.
  private static let maskedLayouts: [(bits: Int, masks: [Int], layout: Layout)] = [
    (32, [0xff_0000, 0xff00, 0xff, 0], .bytes(2, 1, 0)),
    (32, [0xff00_0000, 0xff_0000, 0xff00, 0], .bytes(3, 2, 1)),
    (32, [0xff00_0000, 0xff00, 0xff, 0], .bytes(3, 1, 0)),
    (32, [0xff00_0000, 0xff_0000, 0xff00, 0xff], .bytes(3, 2, 1)),
    (32, [0xff, 0xff00, 0xff_0000, 0xff00_0000], .bytes(0, 1, 2)),
    (32, [0xff_0000, 0xff00, 0xff, 0xff00_0000], .bytes(2, 1, 0)),
    (32, [0xff00_0000, 0xff00, 0xff, 0xff_0000], .bytes(3, 1, 0)),
    (32, [0, 0, 0, 0], .bytes(2, 1, 0)),
    (24, [0xff_0000, 0xff00, 0xff], .bytes(2, 1, 0)),
    (16, [0xf800, 0x7e0, 0x1f], .fields(greenBits: 6)),
    (16, [0x7c00, 0x3e0, 0x1f], .fields(greenBits: 5)),
  ]

  func layout(_ file: ImageFile) throws -> Layout {
    guard compression == .bitFields else {
      return bits == 16 ? .fields(greenBits: 5) : .bytes(2, 1, 0)
    }
    let known =
      bits == 32 && masks.count == 3
      ? masks + [0] : bits == 32 ? masks : masks.dropLast(masks.count - 3)
    guard let match = Self.maskedLayouts.first(where: { $0.bits == bits && $0.masks == known })
    else {
      throw file.unsupported(
        "a BMP of \(bits) bits with unusual bit fields", advice: "Save it as PNG.")
    }
    return match.layout
  }
}

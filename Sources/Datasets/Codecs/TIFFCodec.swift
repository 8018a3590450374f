import CTIFF
import Foundation

/// TIFF by libtiff: the first picture, in strips or tiles, of 1 to 16 bits.
///
/// As in Pillow, the orientation tag is applied, of 16-bit colours the upper byte is kept, and
/// transparency is dropped after colours that it was multiplied into are divided by it again.
enum TIFFCodec: ImageCodec {
  static func recognises(_ bytes: Data) -> Bool {
    [
      [0x49, 0x49, 0x2a, 0], [0x4d, 0x4d, 0, 0x2a], [0x49, 0x49, 0x2b, 0], [0x4d, 0x4d, 0, 0x2b],
    ]
    .contains { bytes.starts(with: $0) }
  }

  static func decode(_ file: ImageFile) throws -> RawImage {
    try TIFFSource.open(file) { tiff in
      let layout = try TIFFLayout(tiff)
      try file.checkSize(width: layout.width, height: layout.height)
      try layout.refuseByName(file)
      if layout.isJPEGWithChroma { tiff.decodesToRGB() }
      let planes = try (0..<layout.planes).map { try tiff.plane($0, layout) }
      return try image(planes, layout, tiff, file).oriented(layout.orientation)
    }
  }

  private static func image(
    _ planes: [[UInt8]], _ layout: TIFFLayout, _ tiff: TIFFSource, _ file: ImageFile
  ) throws -> RawImage {
    let pixels = layout.width * layout.height
    func made(_ channels: Int, _ samples: [UInt8]) -> RawImage {
      RawImage(
        width: layout.width, height: layout.height, channels: channels, samples: .bytes(samples))
    }
    let values = planes.count == 1 ? planes[0] : interleaved(planes, pixels: pixels)
    let count = layout.samples
    switch layout.photometric {
    case .whiteIsZero, .blackIsZero:
      let scale = UInt8(255 / ((1 << min(layout.bits, 8)) - 1))
      let mask: UInt8 = layout.photometric == .whiteIsZero ? 255 : 0
      return made(1, (0..<pixels).map { (values[$0 * count] * scale) ^ mask })
    case .palette:
      let palette = tiff.palette(entries: 1 << layout.bits)
      return try RawImage.indexed(
        width: layout.width, height: layout.height, indices: values, palette: palette
      ) { file.corrupt("a pixel has colour \($0), and the palette only \(palette.count)") }
    case .inks:
      let inks = (0..<pixels).flatMap { values[$0 * count..<$0 * count + 4] }
      return made(4, inks).rgb(fromInksWith: 0)
    case .colors, .chroma:
      guard count > 3 else { return made(3, values) }
      var colors: [UInt8] = []
      colors.reserveCapacity(pixels * 3)
      for start in stride(from: 0, to: pixels * count, by: count) {
        for c in 0..<3 {
          colors.append(
            layout.isPremultiplied
              ? divided(values[start + c], by: values[start + 3]) : values[start + c])
        }
      }
      return made(3, colors)
    }
  }

  /// A colour before opacity was multiplied into it.
  private static func divided(_ value: UInt8, by alpha: UInt8) -> UInt8 {
    alpha == 0 ? 0 : UInt8(min(255, Int(value) * 255 / Int(alpha)))
  }

  private static func interleaved(_ planes: [[UInt8]], pixels: Int) -> [UInt8] {
    var samples = [UInt8](repeating: 0, count: pixels * planes.count)
    for (p, plane) in planes.enumerated() {
      for pixel in 0..<pixels { samples[pixel * planes.count + p] = plane[pixel] }
    }
    return samples
  }
}

/// A small raster image, enlarged without smoothing wherever it is shown.
package struct PixelImage: Equatable, Sendable {
  package let width: Int
  package let height: Int
  package let pixels: [Color]

  package init(width: Int, height: Int, pixels: [Color]) {
    precondition(pixels.count == width * height, "\(pixels.count) for \(height)×\(width)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// From `[h, w, c]` bytes, grey or red-green-blue.
  package init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
    self.init(
      width: width, height: height,
      pixels: (0..<width * height).map { pixel in
        func value(_ c: Int) -> Double {
          Double(bytes[pixel * channels + min(c, channels - 1)]) / 255
        }
        return Color(red: value(0), green: value(1), blue: value(2))
      })
  }

  /// The image with pixels outside `visible` replaced.
  package func masked(visible: [Int], with color: Color) -> PixelImage {
    var pixels = [Color](repeating: color, count: self.pixels.count)
    for pixel in visible { pixels[pixel] = self.pixels[pixel] }
    return PixelImage(width: width, height: height, pixels: pixels)
  }

  /// The image faded, with `marked` pixels in one colour.
  package func marking(_ marked: [Int], _ color: Color) -> PixelImage {
    var pixels = self.pixels.map { $0.mixed(with: .white, 0.65) }
    for pixel in marked { pixels[pixel] = color }
    return PixelImage(width: width, height: height, pixels: pixels)
  }

  /// How often each pixel is repeated, so that the longer side has at least `side` pixels.
  func factor(toSide side: Int) -> Int {
    max(1, (side + max(width, height) - 1) / max(width, height))
  }
}

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

  /// The image with at most `side` pixels along its longer side, each the mean of those it stands for.
  ///
  /// `visible`: pixels that may not vanish; a pixel that stands for any of them is the mean of those
  /// alone, so that a few pixels of a large image can still be seen.
  package func reduced(toSide side: Int, keeping visible: [Int] = []) -> PixelImage {
    let step = (max(width, height) + side - 1) / side
    guard step > 1 else { return self }
    let (columns, rows) = ((width + step - 1) / step, (height + step - 1) / step)
    let kept = Set(visible)
    var reduced: [Color] = []
    reduced.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let members = (row * step..<min(row * step + step, height)).flatMap { y in
          (column * step..<min(column * step + step, width)).map { y * width + $0 }
        }
        let important = members.filter(kept.contains)
        reduced.append(mean(of: important.isEmpty ? members : important))
      }
    }
    return PixelImage(width: columns, height: rows, pixels: reduced)
  }

  private func mean(of members: [Int]) -> Color {
    let count = Double(members.count)
    func mean(_ component: KeyPath<Color, Double>) -> Double {
      members.reduce(0) { $0 + pixels[$1][keyPath: component] } / count
    }
    return Color(red: mean(\.red), green: mean(\.green), blue: mean(\.blue))
  }

  /// How often each pixel is repeated, so that the longer side has at least `side` pixels.
  func factor(toSide side: Int) -> Int {
    max(1, (side + max(width, height) - 1) / max(width, height))
  }
}

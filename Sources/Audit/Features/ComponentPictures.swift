import Figures
import SharedWork

/// What a component looks like, for the report: pictures small enough to be kept for every class.
package struct ComponentPictures: Codable, Equatable, Sendable {
  /// An image of large α with where that comes from.
  package struct Example: Codable, Equatable, Sendable {
    /// Its name in the dataset.
    package let name: String
    package let alpha: Double
    /// `[h, w, c]` bytes.
    package let display: PackedNumbers<UInt8>
    /// `[h, w]`, 255 where α loses most when the image is hidden, 0 where it loses nothing.
    package let heat: PackedNumbers<UInt8>
    /// Row-major positions of the hottest part, which is pasted into other images.
    package let region: [Int]
    /// The share of the image that it covers, before the picture was made smaller.
    package let regionArea: Double
  }

  /// The image that shows the component most, and how sure the model is of the class there.
  package struct Visualization: Codable, Equatable, Sendable {
    package let display: PackedNumbers<UInt8>
    package let confidence: Double
  }

  /// Of the pictures.
  package let height: Int
  package let width: Int
  package private(set) var examples: [Example] = []
  package private(set) var visualization: Visualization?

  /// Pixels of an image that one pixel of a picture stands for, along each side.
  private let block: Int

  /// The longest side of a picture in a report.
  private static let longestSide = 112

  /// `height`, `width`: of the images.
  package init(height: Int, width: Int) {
    let side = ComponentPictures.longestSide
    block = (max(width, height) + side - 1) / side
    self.height = (height + block - 1) / block
    self.width = (width + block - 1) / block
  }

  /// Adds an image of large α.
  ///
  /// - Parameters:
  ///   - name: In the dataset.
  ///   - alpha: Of the component.
  ///   - image: The image itself.
  ///   - heat: `[h, w]`; what α loses where the image is hidden.
  ///   - region: Row-major positions of the hottest part.
  package mutating func add(
    name: String, alpha: Double, image: PixelImage, heat: [Double], region: [Int]
  ) {
    let largest = heat.max() ?? 0
    let blocks = Blocks(height: image.height, width: image.width, side: block)
    let shares = blocks.means(heat.map { largest > 0 ? max(0, $0) / largest : 0 })
    var isInRegion = [Double](repeating: 0, count: heat.count)
    for position in region { isInRegion[position] = 1 }
    let covered = blocks.means(isInRegion)
    examples.append(
      Example(
        name: name, alpha: alpha, display: PackedNumbers(blocks.bytes(image)),
        heat: PackedNumbers(shares.map { UInt8(($0 * 255).rounded()) }),
        region: covered.indices.filter { covered[$0] >= 0.5 },
        regionArea: Double(region.count) / Double(max(heat.count, 1))))
  }

  /// Adds the image that shows the component most.
  package mutating func visualize(_ image: PixelImage, confidence: Double) {
    let blocks = Blocks(height: image.height, width: image.width, side: block)
    visualization = Visualization(
      display: PackedNumbers(blocks.bytes(image)), confidence: confidence)
  }

  func picture(_ display: PackedNumbers<UInt8>) -> PixelImage {
    PixelImage(
      width: width, height: height, channels: display.values.count / (height * width),
      bytes: display.values)
  }

  /// The picture with its heat over it: dark where there is none.
  func heatPicture(_ example: Example) -> PixelImage {
    let pixels = zip(picture(example.display).pixels, example.heat.values).map { pixel, heat in
      ColorMap.viridis.color(Double(heat) / 255).mixed(with: pixel, 0.35)
    }
    return PixelImage(width: width, height: height, pixels: pixels)
  }

  /// The region alone, the rest faded.
  func regionPicture(_ example: Example) -> PixelImage {
    picture(example.display).masked(visible: example.region, with: Color(0xb8bec6))
  }
}

/// An image as blocks of pixels, each to be shown as one.
private struct Blocks {
  let height: Int
  let width: Int
  let side: Int

  /// `[height, width]` in, a number a block out.
  func means(_ values: [Double]) -> [Double] {
    stride(from: 0, to: height, by: side).flatMap { top in
      stride(from: 0, to: width, by: side).map { left in
        var (sum, count) = (0.0, 0.0)
        for row in top..<min(top + side, height) {
          for column in left..<min(left + side, width) {
            sum += values[row * width + column]
            count += 1
          }
        }
        return sum / count
      }
    }
  }

  /// `[h, w, c]`, a channel where the image is grey.
  func bytes(_ image: PixelImage) -> [UInt8] {
    let isGrey = image.pixels.allSatisfy { $0.red == $0.green && $0.green == $0.blue }
    let all: [KeyPath<Color, Double>] = [\.red, \.green, \.blue]
    let channels = all.prefix(isGrey ? 1 : 3).map { channel in
      means(image.pixels.map { $0[keyPath: channel] })
    }
    return (channels.first ?? []).indices.flatMap { index in
      channels.map { UInt8(($0[index] * 255).rounded()) }
    }
  }
}

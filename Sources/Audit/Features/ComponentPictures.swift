import Figures

/// What a component looks like, for the report.
package struct ComponentPictures: Sendable {
  /// An image of large α with where that comes from.
  package struct Example: Sendable {
    /// Its name in the dataset.
    package let name: String
    package let alpha: Double
    /// `[h, w, c]` bytes.
    package let display: [UInt8]
    /// `[h, w]`; what α loses where the image is hidden.
    package let heat: [Float]
    /// Row-major positions of the hottest part, which is pasted into other images.
    package let region: [Int]

    package init(name: String, alpha: Double, display: [UInt8], heat: [Float], region: [Int]) {
      self.name = name
      self.alpha = alpha
      self.display = display
      self.heat = heat
      self.region = region
    }
  }

  /// The image that shows the component most, and how sure the model is of the class there.
  package struct Visualization: Sendable {
    package let display: [UInt8]
    package let confidence: Double

    package init(display: [UInt8], confidence: Double) {
      self.display = display
      self.confidence = confidence
    }
  }

  package let height: Int
  package let width: Int
  package let examples: [Example]
  package let visualization: Visualization?

  package init(
    height: Int, width: Int, examples: [Example], visualization: Visualization?
  ) {
    self.height = height
    self.width = width
    self.examples = examples
    self.visualization = visualization
  }

  /// The longest side of a picture in a report.
  private static let longestSide = 112

  /// The picture, made smaller where it is large.
  func picture(_ display: [UInt8]) -> PixelImage {
    let channels = display.count / (height * width)
    return PixelImage(width: width, height: height, channels: channels, bytes: display)
      .reduced(toSide: ComponentPictures.longestSide)
  }

  /// The picture with its heat over it: dark where there is none.
  func heatPicture(_ example: Example) -> PixelImage {
    let channels = example.display.count / (height * width)
    let image = PixelImage(
      width: width, height: height, channels: channels, bytes: example.display)
    let largest = Double(example.heat.max() ?? 0)
    let pixels = zip(image.pixels, example.heat).map { pixel, heat in
      ColorMap.viridis.color(largest > 0 ? max(0, Double(heat)) / largest : 0)
        .mixed(with: pixel, 0.35)
    }
    return PixelImage(width: width, height: height, pixels: pixels)
      .reduced(toSide: ComponentPictures.longestSide)
  }

  /// The region alone, the rest faded.
  func regionPicture(_ example: Example) -> PixelImage {
    let channels = example.display.count / (height * width)
    let image = PixelImage(
      width: width, height: height, channels: channels, bytes: example.display)
    return image.masked(visible: example.region, with: Color(0xb8bec6))
      .reduced(toSide: ComponentPictures.longestSide)
  }
}

extension PixelImage {
  /// Means of blocks of pixels, so that the longer side has no more than `side`.
  package func reduced(toSide side: Int) -> PixelImage {
    let block = (max(width, height) + side - 1) / side
    guard block > 1 else { return self }
    let (rows, columns) = ((height + block - 1) / block, (width + block - 1) / block)
    let pixels = (0..<rows * columns).map { index -> Color in
      let (row, column) = (index / columns * block, index % columns * block)
      var (red, green, blue, count) = (0.0, 0.0, 0.0, 0.0)
      for y in row..<min(row + block, height) {
        for x in column..<min(column + block, width) {
          let pixel = self.pixels[y * width + x]
          (red, green, blue, count) = (
            red + pixel.red, green + pixel.green, blue + pixel.blue, count + 1
          )
        }
      }
      return Color(red: red / count, green: green / count, blue: blue / count)
    }
    return PixelImage(width: columns, height: rows, pixels: pixels)
  }
}

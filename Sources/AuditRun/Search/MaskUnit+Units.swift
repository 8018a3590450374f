import Audit
import CVLFeat
import SufficientInputSubsets

// Where an image's units lie.
extension MaskUnit {
  /// The units of one image.
  ///
  /// `display`: the image, 0...255, `[rows, columns, channels]`.
  package func units(rows: Int, columns: Int, display: [UInt8]) -> PixelUnits {
    switch self {
    case .pixel: .single(rows * columns)
    case .patch(let height, let width):
      .patches(height: height, width: width, rows: rows, columns: columns)
    case .superpixels(let count):
      PixelUnits(labels: superpixelLabels(count, rows: rows, columns: columns, display: display))
    }
  }

  /// How many units an image has; for superpixels the number SLIC starts with.
  func count(rows: Int, columns: Int) -> Int {
    let (height, width) =
      switch self {
      case .pixel: (1, 1)
      case .patch(let height, let width): (height, width)
      case .superpixels(let count):
        (
          superpixelSide(count, rows: rows, columns: columns),
          superpixelSide(count, rows: rows, columns: columns)
        )
      }
    return ((rows + height - 1) / height) * ((columns + width - 1) / width)
  }
}

/// How far a superpixel may stray from a square to follow colours in 0...1, as SLIC weighs it.
private let regularization: Float = 0.05

/// The side of the squares SLIC starts with.
private func superpixelSide(_ count: Int, rows: Int, columns: Int) -> Int {
  max(1, Int((Double(rows * columns) / Double(count)).squareRoot().rounded()))
}

/// A region's label per pixel, by VLFeat's SLIC.
private func superpixelLabels(
  _ count: Int, rows: Int, columns: Int, display: [UInt8]
) -> [Int] {
  let channels = display.count / (rows * columns)
  let side = superpixelSide(count, rows: rows, columns: columns)
  // VLFeat wants one plane per channel.
  let planes = (0..<channels).flatMap { c in
    (0..<rows * columns).map { Float(display[$0 * channels + c]) / 255 }
  }
  var labels = [UInt32](repeating: 0, count: rows * columns)
  vl_slic_segment(
    &labels, planes, UInt64(columns), UInt64(rows), UInt64(channels), UInt64(side),
    regularization, UInt64(side * side / 4))
  return labels.map { Int($0) }
}

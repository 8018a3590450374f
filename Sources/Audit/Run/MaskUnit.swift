import CVLFeat
import SufficientInputSubsets

/// What BackSelect masks at once.
package enum MaskUnit: Codable, Equatable, Sendable {
  case pixel
  /// Rectangles from the top left corner.
  case patch(height: Int, width: Int)
  /// About so many regions of similar colour, by SLIC (Achanta et al. 2012).
  case superpixels(Int)

  /// Reads `pixel`, `8x8` or `superpixels:200`.
  package init?(_ text: String) {
    if text == "pixel" {
      self = .pixel
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, parts[0] == "superpixels", let count = Int(parts[1]), count > 1 {
      self = .superpixels(count)
      return
    }
    let extents = text.split(separator: "x", omittingEmptySubsequences: false).compactMap {
      Int($0)
    }
    guard extents.count == 2, extents.allSatisfy((1...1 << 16).contains),
      text.count(where: { $0 == "x" }) == 1
    else { return nil }
    self = extents == [1, 1] ? .pixel : .patch(height: extents[0], width: extents[1])
  }

  /// Checks that units fit into images of a size.
  ///
  /// - Throws: `AuditError.option`.
  func check(rows: Int, columns: Int) throws {
    guard case .patch(let height, let width) = self, height > rows || width > columns else {
      return
    }
    throw AuditError.option(
      name: "--unit", reason: "patches of \(self) exceed the model's images of \(rows)x\(columns)")
  }

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

extension MaskUnit: CustomStringConvertible {
  package var description: String {
    switch self {
    case .pixel: "pixel"
    case .patch(let height, let width): "\(height)x\(width)"
    case .superpixels(let count): "superpixels:\(count)"
    }
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

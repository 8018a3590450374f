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
  package func check(rows: Int, columns: Int) throws {
    guard case .patch(let height, let width) = self, height > rows || width > columns else {
      return
    }
    throw AuditError.option(
      name: "--unit", reason: "patches of \(self) exceed the model's images of \(rows)x\(columns)")
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

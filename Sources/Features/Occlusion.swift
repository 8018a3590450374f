/// Patches that cover an image, overlapping by half, each to be replaced in turn.
///
/// What a number loses when a patch is replaced by what is usual there, shared out among its pixels, says
/// where in the image it comes from: at the scale of a patch, whatever the network's own maps resolve.
///
/// Zeiler and Fergus, "Visualizing and understanding convolutional networks" (2014), section 4.2, with a
/// usual image for their grey square, which a network may take for something.
package struct Occlusion: Equatable, Sendable {
  package let height: Int
  package let width: Int
  package let patchHeight: Int
  package let patchWidth: Int
  /// The first row and column of each patch.
  package let origins: [Origin]

  package struct Origin: Equatable, Sendable {
    package let row: Int
    package let column: Int
  }

  /// Patches along a side.
  private static let patchesPerSide = 7

  /// Patches of about a seventh of each side.
  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
    patchHeight = max(1, (height + Occlusion.patchesPerSide / 2) / Occlusion.patchesPerSide)
    patchWidth = max(1, (width + Occlusion.patchesPerSide / 2) / Occlusion.patchesPerSide)
    let columns = Occlusion.starts(width, patchWidth)
    origins = Occlusion.starts(height, patchHeight).flatMap { row in
      columns.map { Origin(row: row, column: $0) }
    }
  }

  private static func starts(_ extent: Int, _ patch: Int) -> [Int] {
    let steps = Array(stride(from: 0, to: max(1, extent - patch), by: max(1, patch / 2)))
    return steps + (extent > patch ? [extent - patch] : [])
  }

  /// Replaces a patch.
  ///
  /// `image` and `usual`: `[h, w, c]`.
  package func replace(
    _ patch: Int, of image: UnsafeMutableBufferPointer<Float>, by usual: [Float]
  ) {
    let channels = usual.count / (height * width)
    let origin = origins[patch]
    for row in origin.row..<origin.row + patchHeight {
      let start = (row * width + origin.column) * channels
      for element in start..<start + patchWidth * channels { image[element] = usual[element] }
    }
  }

  /// Each pixel's mean over the patches that cover it.
  ///
  /// `losses`: by patch, how much lower the number is with it replaced.
  package func heatMap(_ losses: [Double]) -> HeatMap {
    var sums = [Double](repeating: 0, count: height * width)
    var counts = [Double](repeating: 0, count: height * width)
    for (origin, loss) in zip(origins, losses) {
      for row in origin.row..<origin.row + patchHeight {
        for column in origin.column..<origin.column + patchWidth {
          sums[row * width + column] += loss
          counts[row * width + column] += 1
        }
      }
    }
    return HeatMap(height: height, width: width, values: zip(sums, counts).map { $0 / max($1, 1) })
  }
}

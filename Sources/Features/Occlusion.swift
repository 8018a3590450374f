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
  /// The first row and column of each patch, row-major.
  package let origins: [Origin]
  /// Patches that cover the image with as few as that takes.
  package let coarse: [Int]
  /// By patch, the coarse ones that overlap it most: itself, or those beside it.
  package let coarseNeighbours: [[Int]]

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
    let rows = Occlusion.starts(height, patchHeight)
    let columns = Occlusion.starts(width, patchWidth)
    origins = rows.flatMap { row in columns.map { Origin(row: row, column: $0) } }
    // Every second one is enough, except of patches without a half.
    let everyRow = patchHeight == 1
    let everyColumn = patchWidth == 1
    func beside(_ index: Int, of count: Int, every: Bool) -> [Int] {
      every || index % 2 == 0 || index == count - 1 ? [index] : [index - 1, index + 1]
    }
    let neighbours = origins.indices.map { patch in
      beside(patch / columns.count, of: rows.count, every: everyRow).flatMap { row in
        beside(patch % columns.count, of: columns.count, every: everyColumn).map {
          row * columns.count + $0
        }
      }
    }
    coarseNeighbours = neighbours
    coarse = neighbours.indices.filter { neighbours[$0] == [$0] }
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
  /// `losses`: by patch, how much lower the number is with it replaced; without those that were not tried, but
  /// with every coarse one.
  package func heatMap(_ losses: [Int: Double]) -> HeatMap {
    var sums = [Double](repeating: 0, count: height * width)
    var counts = [Double](repeating: 0, count: height * width)
    for (patch, loss) in losses.sorted(by: { $0.key < $1.key }) {
      let origin = origins[patch]
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

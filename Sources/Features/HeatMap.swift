/// A number by position, row-major, kept in register with the image that it is of.
package struct HeatMap: Equatable, Sendable {
  package let height: Int
  package let width: Int
  /// `[height, width]`.
  package let values: [Double]

  package init(height: Int, width: Int, values: [Double]) {
    precondition(values.count == height * width, "\(values.count) numbers for \(height)×\(width)")
    self.height = height
    self.width = width
    self.values = values
  }

  /// Numbers below 0 become 0.
  package var positive: HeatMap {
    HeatMap(height: height, width: width, values: values.map { max($0, 0) })
  }

  /// Divided by the largest; all zero where that is 0.
  ///
  /// Of a channel of the last map the *neural activation map* in Singla and Feizi, "Salient ImageNet"
  /// (2022), before it is enlarged.
  package var normalized: HeatMap {
    let largest = values.max() ?? 0
    return HeatMap(
      height: height, width: width, values: values.map { largest > 0 ? $0 / largest : 0 })
  }

  /// At each position the largest of some maps of one size, none below 0; nil without a map.
  package static func largest(of maps: [HeatMap]) -> HeatMap? {
    guard let first = maps.first else { return nil }
    return HeatMap(
      height: first.height, width: first.width,
      values: first.values.indices.map { position in
        maps.reduce(0) { max($0, $1.values[position]) }
      })
  }

  /// Enlarged by bilinear interpolation between the centres of cells; what lies outside of them takes the
  /// nearest (PyTorch's `align_corners=False`).
  package func enlarged(height rows: Int, width columns: Int) -> HeatMap {
    let (down, across) = (HeatMap.steps(height, to: rows), HeatMap.steps(width, to: columns))
    var result: [Double] = []
    result.reserveCapacity(rows * columns)
    for row in down {
      for column in across {
        func mixed(_ line: Int) -> Double {
          let start = line * width
          return values[start + column.first] * (1 - column.share)
            + values[start + column.second] * column.share
        }
        result.append(mixed(row.first) * (1 - row.share) + mixed(row.second) * row.share)
      }
    }
    return HeatMap(height: rows, width: columns, values: result)
  }

  /// For each place along an axis the two cells that it lies between, and how near it is to the second.
  private static func steps(
    _ extent: Int, to target: Int
  ) -> [(first: Int, second: Int, share: Double)] {
    (0..<target).map { place in
      let source = max(0, (Double(place) + 0.5) * Double(extent) / Double(target) - 0.5)
      let first = min(Int(source), extent - 1)
      return (first, min(first + 1, extent - 1), min(source - Double(first), 1))
    }
  }

  /// The share of the positive heat within the outer tenth of the image, a position at least on each side; 0
  /// where nothing is positive.
  package var borderShare: Double {
    let border = max(1, Int((Double(min(height, width)) / 10).rounded()))
    let heat = positive.values
    let sum = heat.reduce(0, +)
    guard sum > 0 else { return 0 }
    let outer = heat.indices.reduce(0.0) { total, position in
      let (row, column) = (position / width, position % width)
      let distance = min(row, column, height - 1 - row, width - 1 - column)
      return distance < border ? total + heat[position] : total
    }
    return outer / sum
  }

  /// The fewest positions, hottest first, that hold a share of the positive heat, and no more than a share
  /// of all positions.
  ///
  /// Of equals the first in row-major order. Empty where nothing is positive.
  package func region(share: Double = 0.9, atMost limit: Double = 0.15) -> [Int] {
    let heat = positive.values
    let enough = share * heat.reduce(0, +)
    guard enough > 0 else { return [] }
    let most = max(1, Int(limit * Double(heat.count)))
    var sum = 0.0
    var region: [Int] = []
    for position in heat.indices.sorted(by: { (heat[$1], $0) < (heat[$0], $1) }).prefix(most)
    where sum < enough {
      region.append(position)
      sum += heat[position]
    }
    return region
  }
}

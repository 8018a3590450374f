import SufficientInputSubsets

/// A function of a few numbers whose subsets can be found by hand; score and confidence are its value.
struct SolvableFunction: Classifier {
  let values: [Double]
  let maskValues: [Double]
  /// Cells of `values` that each pixel covers: one, or a whole row or column.
  let cells: [[Int]]
  let function: @Sendable ([Double]) -> Double
  var evaluations = 0

  init(
    _ values: [Double], maskValues: [Double]? = nil, cells: [[Int]]? = nil,
    function: @escaping @Sendable ([Double]) -> Double
  ) {
    self.values = values
    self.maskValues = maskValues ?? [Double](repeating: 0, count: values.count)
    self.cells = cells ?? values.indices.map { [$0] }
    self.function = function
  }

  static func sum(_ values: [Double]) -> SolvableFunction {
    SolvableFunction(values) { $0.reduce(0, +) }
  }

  var pixelCount: Int { cells.count }

  private func masked(_ visible: PixelSet) -> [Double] {
    var image = maskValues
    for pixel in visible.pixels {
      for cell in cells[pixel] { image[cell] = values[cell] }
    }
    return image
  }

  mutating func evaluate(_ visibleSets: [PixelSet]) -> [Evaluation] {
    evaluations += visibleSets.count
    return visibleSets.map {
      let value = function(masked($0))
      return Evaluation(score: value, confidence: value)
    }
  }

  mutating func maskGradient(visible: PixelSet) -> [Float] {
    let image = masked(visible)
    return cells.map { cells in
      let change = cells.reduce(0.0) { sum, cell in
        var above = image
        above[cell] += 1e-6
        let derivative = (function(above) - function(image)) / 1e-6
        return sum - (values[cell] - maskValues[cell]) * derivative
      }
      return Float(change)
    }
  }
}

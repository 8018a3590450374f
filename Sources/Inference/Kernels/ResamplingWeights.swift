/// For each position on an axis of a result, which source positions it is made of, and by what weights.
struct ResamplingWeights: Equatable, Sendable {
  /// Positions on the source's axis.
  let source: Int
  private(set) var indices: [Int] = []
  private(set) var weights: [Float] = []
  /// Where the neighbours of each result position begin; one more at the end.
  private(set) var starts = [0]
  /// Result positions outside the part that is resampled.
  private(set) var outside: [Int] = []

  init(source: Int) {
    self.source = source
  }

  /// Positions on the result's axis.
  var length: Int { starts.count - 1 }

  mutating func append(_ taps: [(index: Int, weight: Float)]) {
    // A linear filter on a whole position reads one neighbour alone.
    for tap in taps where tap.weight != 0 {
      indices.append(tap.index)
      weights.append(tap.weight)
    }
    starts.append(indices.count)
  }

  mutating func appendOutside() {
    outside.append(length)
    starts.append(indices.count)
  }

  /// Whether the result is the source.
  var isIdentity: Bool {
    length == source && outside.isEmpty && indices == Array(0..<source)
      && weights.allSatisfy { $0 == 1 }
  }
}

/// Weights that every result position has alike: position *j* reads `first + stride · j` and what
/// follows.
struct EvenResampling: Equatable, Sendable {
  let stride: Int
  let first: Int
  let weights: [Float]

  /// Nil where the result's positions do not lie on a whole number of the source's.
  init?(_ filter: ResamplingFilter, scale: Float) {
    let step = (1 / scale).rounded()
    guard filter.coordinates.isEvenlySpaced, step >= 1, step <= 256, 1 / step == scale else {
      return nil
    }
    stride = Int(step)
    // Far from both ends of an axis that is long enough.
    let (length, middle) = (32, 16)
    let table = filter.weights(source: length * stride, length: length, scale: scale)
    let range = table.starts[middle]..<table.starts[middle + 1]
    let indices = table.indices[range]
    guard let lowest = indices.first, let highest = indices.last else { return nil }
    first = lowest - middle * stride
    var dense = [Float](repeating: 0, count: highest - lowest + 1)
    for k in range { dense[table.indices[k] - lowest] = table.weights[k] }
    weights = dense
  }

  /// The weights on an axis of which every position that is read exists.
  func weights(source: Int) -> ResamplingWeights {
    var table = ResamplingWeights(source: source)
    for j in 0..<max(0, (source - weights.count) / stride + 1) where source >= weights.count {
      table.append(weights.enumerated().map { (j * stride + $0, $1) })
    }
    return table
  }

  /// Whether `table` is this, wherever on its axis.
  func describes(_ table: ResamplingWeights) -> Bool {
    var expected = ResamplingWeights(source: table.source)
    for j in 0..<table.length {
      expected.append(weights.enumerated().map { (j * stride + first + $0, $1) })
    }
    return expected == table
  }
}

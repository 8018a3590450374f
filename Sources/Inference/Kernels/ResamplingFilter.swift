/// How numbers between the positions of an axis are made of their neighbours.
struct ResamplingFilter: Sendable {
  enum Kind: Sendable {
    case nearest(NearestNeighbour)
    case linear
    /// Cubic convolution with this coefficient.
    case cubic(Float)
  }

  let kind: Kind
  let coordinates: CoordinateTransformation
  /// Whether neighbours outside the axis count nothing, instead of being those at its end.
  var excludesOutside = false
  /// Whether a smaller result averages over all that it covers.
  var antialiases = false
  /// What a position outside a cut-out part holds.
  var extrapolation: Float = 0

  /// The weights of an axis of `source` positions in one of `length`.
  func weights(
    source: Int, length: Int, scale: Float, crop: (first: Float, last: Float) = (0, 1)
  ) -> ResamplingWeights {
    var weights = ResamplingWeights(source: source)
    let isIdentity = scale == 1 && length == source && coordinates != .tfCropAndResize
    for index in 0..<length {
      guard !isIdentity else {
        weights.append([(index, 1)])
        continue
      }
      let position = coordinates.position(
        of: index, scale: scale, length: length, source: source, crop: crop)
      if coordinates == .tfCropAndResize, position < 0 || position > Float(source - 1) {
        weights.appendOutside()
      } else {
        weights.append(clamped(taps(at: position, scale: scale), source: source))
      }
    }
    return weights
  }

  /// Neighbours of a position and their weights, before the axis' ends are looked at.
  private func taps(at position: Float, scale: Float) -> [(index: Int, weight: Float)] {
    let lower = Int(position.rounded(.down))
    let share = position - Float(lower)
    switch kind {
    case .nearest(let rule):
      return [(rule.index(position, scale: scale), 1)]
    case .linear, .cubic:
      if antialiases, scale < 1 { return averagingTaps(at: position, scale: scale) }
      let reach = support
      return (1 - reach...reach).map { (lower + $0, kernel(Float($0) - share)) }
    }
  }

  /// The filter stretched over all that a result position covers.
  private func averagingTaps(at position: Float, scale: Float) -> [(index: Int, weight: Float)] {
    let reach = Float(support) / scale
    let first = Int((position - reach + 1).rounded(.down))
    let end = Int((position + reach + 1).rounded(.down))
    let taps = (first..<max(end, first + 1)).map { index in
      (index: index, weight: kernel((Float(index) - position) * scale))
    }
    let sum = taps.reduce(0) { $0 + $1.weight }
    return taps.map { ($0.index, $0.weight / sum) }
  }

  /// How far the filter reaches.
  private var support: Int {
    switch kind {
    case .nearest, .linear: 1
    case .cubic: 2
    }
  }

  /// The filter at a distance.
  private func kernel(_ distance: Float) -> Float {
    let d = distance.magnitude
    guard case .cubic(let a) = kind else { return max(0, 1 - d) }
    if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
  }

  /// Neighbours on an axis of `source` positions, each once, in order.
  private func clamped(
    _ taps: [(index: Int, weight: Float)], source: Int
  ) -> [(index: Int, weight: Float)] {
    var result: [(index: Int, weight: Float)] = []
    let excludes = excludesOutside && !isNearest
    for tap in taps where !excludes || (0..<source).contains(tap.index) {
      let index = min(max(tap.index, 0), source - 1)
      if let last = result.last, last.index == index {
        result[result.count - 1].weight += tap.weight
      } else {
        result.append((index, tap.weight))
      }
    }
    guard excludes, result.count < taps.count else { return result }
    let sum = result.reduce(0) { $0 + $1.weight }
    return result.map { ($0.index, $0.weight / sum) }
  }

  private var isNearest: Bool {
    if case .nearest = kind { true } else { false }
  }
}

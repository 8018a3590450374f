/// What an edit of the image can change in a map, along one axis, for each place of the edit.
struct Reach: Equatable, Sendable {
  /// First and last changed position by the edit's first position; last < first when none is.
  private var first: [Int]
  private var last: [Int]
  /// Positions along the axis.
  let length: Int

  /// The edit itself: `extent` positions of an image of `length`, beginning at one of `origins`.
  init(edit extent: Int, in length: Int, origins: Range<Int>) {
    first = Array(origins)
    last = first.map { $0 + extent - 1 }
    self.length = length
  }

  private init(first: [Int], last: [Int], length: Int) {
    self.first = first
    self.last = last
    self.length = length
  }

  /// What changes in a result of `length` positions that reads this map through a field.
  func through(extent: Int, stride: Int, padBefore: Int, length: Int) -> Reach {
    var reach = Reach(first: first, last: last, length: length)
    for origin in first.indices where last[origin] >= first[origin] {
      let lowest = first[origin] + padBefore - extent + 1
      reach.first[origin] = max(0, (lowest + stride - 1).dividedDown(by: stride))
      reach.last[origin] = min(length - 1, (last[origin] + padBefore).dividedDown(by: stride))
    }
    return reach
  }

  /// What changes where either changes.
  func union(_ other: Reach) -> Reach {
    var union = self
    for origin in first.indices where other.last[origin] >= other.first[origin] {
      let isEmpty = last[origin] < first[origin]
      union.first[origin] = isEmpty ? other.first[origin] : min(first[origin], other.first[origin])
      union.last[origin] = isEmpty ? other.last[origin] : max(last[origin], other.last[origin])
    }
    return union
  }

  /// Windows of one size inside the map that hold every change.
  var window: AxisWindow {
    let extent = max(1, zip(first, last).map { $1 - $0 + 1 }.max() ?? 1)
    return AxisWindow(
      extent: extent, starts: first.map { min(max($0, 0), length - extent) }, length: length)
  }
}

/// Windows of one size along an axis of a map, by the edit's first position in its region.
struct AxisWindow: Equatable, Sendable {
  var extent: Int
  /// May reach outside the map where an operator pads it.
  var starts: [Int]
  let length: Int

  /// What an operator reads to make this window of its result, from a map of `length`.
  func read(extent field: Int, stride: Int, padBefore: Int, length: Int) -> AxisWindow {
    AxisWindow(
      extent: (extent - 1) * stride + field, starts: starts.map { $0 * stride - padBefore },
      length: length)
  }

  /// The whole axis, wherever the edit is.
  var whole: AxisWindow {
    AxisWindow(extent: length, starts: starts.map { _ in 0 }, length: length)
  }
}

extension Int {
  /// The quotient rounded towards −∞; `divisor` is positive.
  fileprivate func dividedDown(by divisor: Int) -> Int {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

import Tensors

/// A value seen along one of its axes, in memory order: `[outer, extent, inner]`.
struct AxisView {
  let outer: Int
  let extent: Int
  let inner: Int

  init(_ stored: Shape, axis: Int) {
    outer = stored.dimensions[..<axis].reduce(1, *)
    extent = stored[axis]
    inner = stored.dimensions[(axis + 1)...].reduce(1, *)
  }

  /// - Throws: `ShapeMismatch` when the value has no such axis; it may be negative.
  init(_ stored: Shape, resolving axis: Int) throws {
    guard let resolved = stored.resolve(axis: axis) else {
      throw ShapeMismatch("axis \(axis) is outside \(stored)")
    }
    self.init(stored, axis: resolved)
  }

  /// Calls `body` with the number of each line along the axis and the offset of its first element;
  /// neighbours on a line are `inner` elements apart.
  @inline(__always)
  func forEachLine(_ body: (_ line: Int, _ start: Int) -> Void) {
    for o in 0..<outer {
      for i in 0..<inner { body(o * inner + i, o * extent * inner + i) }
    }
  }
}

/// The extents of a tensor, outermost first.
package struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
  package var dimensions: [Int]

  package init(_ dimensions: [Int]) {
    self.dimensions = dimensions
  }

  package init(arrayLiteral elements: Int...) {
    dimensions = elements
  }

  package var rank: Int { dimensions.count }

  /// The number of elements; 1 for a scalar, `Int.max` when it exceeds that.
  package var count: Int {
    var product = 1
    for extent in dimensions {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return .max }
      product = next
    }
    return product
  }

  /// Distances between neighbours along each axis when elements lie densely, last axis fastest.
  package var rowMajorStrides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    return strides
  }

  package subscript(axis: Int) -> Int {
    get { dimensions[axis] }
    set { dimensions[axis] = newValue }
  }

  /// The axis that a possibly negative `axis` means, or nil when there is none.
  package func resolve(axis: Int) -> Int? {
    let resolved = axis < 0 ? axis + rank : axis
    return resolved >= 0 && resolved < rank ? resolved : nil
  }

  /// The shape that two shapes broadcast to (NumPy's rule), or nil when they do not.
  package func broadcast(with other: Shape) -> Shape? {
    let rank = max(rank, other.rank)
    let left = padded(toRank: rank)
    let right = other.padded(toRank: rank)
    var result = left
    for axis in 0..<rank where left[axis] != right[axis] {
      guard left[axis] == 1 || right[axis] == 1 else { return nil }
      result[axis] = left[axis] == 1 ? right[axis] : left[axis]
    }
    return result
  }

  /// The same elements with leading axes of extent 1 added.
  package func padded(toRank rank: Int) -> Shape {
    Shape([Int](repeating: 1, count: max(0, rank - self.rank)) + dimensions)
  }
}

extension Shape: CustomStringConvertible {
  package var description: String {
    "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
  }
}

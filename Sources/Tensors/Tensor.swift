/// A dense array of numbers with a shape, last axis fastest.
package struct Tensor: Equatable, Sendable {
  /// The two kinds of number a classifier's graph computes with: values and shapes.
  package enum Elements: Equatable, Sendable {
    case float([Float])
    case int64([Int64])
  }

  package let shape: Shape
  package let elements: Elements
  /// What the elements were in the file, when it says more than they do.
  package let elementType: ElementType

  package init(_ shape: Shape, _ elements: Elements, type: ElementType? = nil) {
    let count =
      switch elements {
      case .float(let values): values.count
      case .int64(let values): values.count
      }
    precondition(count == shape.count, "\(count) elements do not fill shape \(shape)")
    self.shape = shape
    self.elements = elements
    if let type {
      elementType = type
    } else if case .float = elements {
      elementType = .float
    } else {
      elementType = .int64
    }
  }

  package init(_ shape: Shape, _ floats: [Float]) {
    self.init(shape, .float(floats))
  }

  package init(_ shape: Shape, _ integers: [Int64]) {
    self.init(shape, .int64(integers))
  }

  /// The elements when they are floating point.
  package var floats: [Float]? {
    guard case .float(let values) = elements else { return nil }
    return values
  }

  /// The elements as floats, whatever they are.
  package var asFloats: [Float] {
    switch elements {
    case .float(let values): values
    case .int64(let values): values.map { Float($0) }
    }
  }

  /// The elements when they are integers.
  package var integers: [Int]? {
    guard case .int64(let values) = elements else { return nil }
    return values.map { Int($0) }
  }

  /// The same elements under another shape of the same count.
  package func reshaped(to shape: Shape) -> Tensor {
    Tensor(shape, elements, type: elementType)
  }

  /// The same numbers with axes in another order: axis `i` of the result is axis `axes[i]` here.
  package func transposed(_ axes: [Int]) -> Tensor {
    let target = Shape(axes.map { shape[$0] })
    let sourceStrides = shape.rowMajorStrides
    let strides = axes.map { sourceStrides[$0] }
    var order: [Int] = []
    order.reserveCapacity(shape.count)
    forEachOffset(of: target, strides: strides) { order.append($0) }
    switch elements {
    case .float(let values): return Tensor(target, order.map { values[$0] })
    case .int64(let values): return Tensor(target, order.map { values[$0] })
    }
  }
}

/// Calls `body` with the offset of every element of `shape`, last axis fastest.
package func forEachOffset(of shape: Shape, strides: [Int], _ body: (Int) -> Void) {
  guard shape.count > 0 else { return }
  var index = [Int](repeating: 0, count: shape.rank)
  var offset = 0
  while true {
    body(offset)
    var axis = shape.rank - 1
    while axis >= 0 {
      index[axis] += 1
      offset += strides[axis]
      if index[axis] < shape[axis] { break }
      offset -= index[axis] * strides[axis]
      index[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}

import COneDNN
import Tensors

/// Elements moved from one order of axes into another, by oneDNN.
///
/// Result element `[i, j, ...]` comes from source element `offset + i·strides[0] + j·strides[1] ...`.
struct StridedCopy {
  private(set) var extents: [Int]
  private(set) var strides: [Int]
  /// Distances in the result, dense unless stated.
  private(set) var resultStrides: [Int]
  let offset: Int
  let resultOffset: Int

  init(
    extents: [Int], strides: [Int], offset: Int = 0, resultStrides: [Int]? = nil,
    resultOffset: Int = 0
  ) {
    self.extents = extents
    self.strides = strides
    self.resultStrides = resultStrides ?? Shape(extents).rowMajorStrides
    self.offset = offset
    self.resultOffset = resultOffset
    mergeAxes()
  }

  /// Axis `i` of the result is axis `axes[i]` of `shape`.
  init(transposing shape: Shape, axes: [Int]) {
    let strides = shape.rowMajorStrides
    self.init(extents: axes.map { shape[$0] }, strides: axes.map { strides[$0] })
  }

  /// True when the result is the source's bytes.
  var isIdentity: Bool {
    offset == 0 && resultOffset == 0 && strides == resultStrides && strides.allSatisfy { $0 == 1 }
  }

  /// Joins neighbouring axes that lie densely on both sides: oneDNN takes at most twelve.
  private mutating func mergeAxes() {
    var axis = extents.count - 1
    while axis >= 0 {
      if extents[axis] == 1, extents.count > 1 {
        extents.remove(at: axis)
        strides.remove(at: axis)
        resultStrides.remove(at: axis)
      } else if axis + 1 < extents.count,
        strides[axis] == strides[axis + 1] * extents[axis + 1],
        resultStrides[axis] == resultStrides[axis + 1] * extents[axis + 1]
      {
        extents[axis + 1] *= extents[axis]
        extents.remove(at: axis)
        strides.remove(at: axis)
        resultStrides.remove(at: axis)
      }
      axis -= 1
    }
  }

  func forward(
    from source: Int = 0, to result: Int = 0
  ) throws -> any Kernel {
    try kernel(
      from: OneDNN.memory(extents, strides: strides), .input(source, offset: offset),
      to: OneDNN.memory(extents, strides: resultStrides), .output(result, offset: resultOffset))
  }

  /// Moves the result's gradient back; every other element of the source's gradient keeps its value.
  func gradient(
    from result: Int = 0, to source: Int = 0
  ) throws -> any Kernel {
    try kernel(
      from: OneDNN.memory(extents, strides: resultStrides),
      .outputGradient(result, offset: resultOffset),
      to: OneDNN.memory(extents, strides: strides), .inputGradient(source, offset: offset))
  }

  private func kernel(
    from source: dnnl_memory_desc_t, _ sourcePlace: PrimitiveKernel.Place,
    to target: dnnl_memory_desc_t, _ targetPlace: PrimitiveKernel.Place
  ) throws -> any Kernel {
    let description = try PrimitiveDescription(reorderingFrom: source, to: target)
    return try PrimitiveKernel(
      description,
      [(DNNL_ARG_FROM, source, sourcePlace), (DNNL_ARG_TO, target, targetPlace)])
  }
}

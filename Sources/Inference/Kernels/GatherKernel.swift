import Tensors

/// A rearrangement: each result element is one source element or a constant.
struct Rearrangement: Sendable {
  /// For each result element in memory order, its source; −1 where the constant stands.
  let sources: [Int32]
  let sourceCount: Int
  var filler: Float = 0

  /// Moves elements between memory orders: axis `i` of the result is axis `axes[i]` of `shape`.
  init(transposing shape: Shape, axes: [Int]) {
    let strides = shape.rowMajorStrides
    var sources: [Int32] = []
    sources.reserveCapacity(shape.count)
    forEachOffset(of: Shape(axes.map { shape[$0] }), strides: axes.map { strides[$0] }) {
      sources.append(Int32($0))
    }
    self.sources = sources
    sourceCount = shape.count
  }

  init(sources: [Int32], sourceCount: Int, filler: Float) {
    self.sources = sources
    self.sourceCount = sourceCount
    self.filler = filler
  }

  func forward() -> any Kernel {
    FunctionKernel { [sources, filler] buffers in
      let x = buffers.input(0)
      let y = buffers.output
      for (k, source) in sources.enumerated() {
        y[k] = source < 0 ? filler : x[Int(source)]
      }
    }
  }

  func gradient() -> any Kernel {
    FunctionKernel { [sources, sourceCount] buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      xGradient.update(repeating: 0, count: sourceCount)
      for (k, source) in sources.enumerated() where source >= 0 {
        xGradient[Int(source)] += buffers.gradient[k]
      }
    }
  }
}

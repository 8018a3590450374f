import Tensors

/// A value resampled along its axes, one after another.
///
/// Shapes, in memory order: `x [d...] → y [e...]`, where axis *k*'s weights make *e* positions of *d*.
struct Resampling {
  /// One axis' weights on a value seen along it.
  private struct Pass {
    let view: AxisView
    let weights: ResamplingWeights

    var resultCount: Int { view.outer * weights.length * view.inner }

    func run(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
      let inner = view.inner
      for o in 0..<view.outer {
        let source = x + o * view.extent * inner
        for j in 0..<weights.length {
          let target = y + (o * weights.length + j) * inner
          let range = weights.starts[j]..<weights.starts[j + 1]
          guard let k = range.first else {
            target.update(repeating: 0, count: inner)
            continue
          }
          let (a, w) = (source + weights.indices[k] * inner, weights.weights[k])
          if range.count == 2 {
            let (b, v) = (source + weights.indices[k + 1] * inner, weights.weights[k + 1])
            for i in 0..<inner { target[i] = w * a[i] + v * b[i] }
            continue
          }
          for i in 0..<inner { target[i] = w * a[i] }
          for k in range.dropFirst() {
            let (b, v) = (source + weights.indices[k] * inner, weights.weights[k])
            for i in 0..<inner { target[i] += v * b[i] }
          }
        }
      }
    }

    /// The same weights, from each result element back to what it was made of.
    func runBack(_ y: UnsafePointer<Float>, into x: UnsafeMutablePointer<Float>) {
      let inner = view.inner
      x.update(repeating: 0, count: view.outer * view.extent * inner)
      for o in 0..<view.outer {
        let target = x + o * view.extent * inner
        for j in 0..<weights.length {
          let source = y + (o * weights.length + j) * inner
          for k in weights.starts[j]..<weights.starts[j + 1] {
            let (a, w) = (target + weights.indices[k] * inner, weights.weights[k])
            for i in 0..<inner { a[i] += w * source[i] }
          }
        }
      }
    }
  }

  private let passes: [Pass]
  private let count: Int
  private let result: Shape
  private let weights: [ResamplingWeights]
  private let extrapolation: Float

  /// `weights`: of each axis in memory order.
  init(_ weights: [ResamplingWeights], extrapolation: Float) {
    self.weights = weights
    self.extrapolation = extrapolation
    var shape = Shape(weights.map(\.source))
    count = shape.count
    result = Shape(weights.map(\.length))
    // The less is left by a pass, the less the next one has to do.
    let order = weights.indices.filter { !weights[$0].isIdentity }.sorted { a, b in
      weights[a].length * weights[b].source < weights[b].length * weights[a].source
    }
    var passes: [Pass] = []
    for axis in order {
      passes.append(Pass(view: AxisView(shape, axis: axis), weights: weights[axis]))
      shape[axis] = weights[axis].length
    }
    self.passes = passes
  }

  /// Elements between two passes, at most.
  private var betweenCount: Int { passes.dropLast().map(\.resultCount).max() ?? 0 }

  func forward() -> any Kernel {
    let between = betweenCount
    return FunctionKernel(scratchBytes: 2 * between * MemoryLayout<Float>.stride) {
      [self] buffers in
      let scratch = buffers.scratch.assumingMemoryBound(to: Float.self)
      var source = UnsafePointer(buffers.input(0))
      if passes.isEmpty { buffers.output.update(from: source, count: count) }
      for (index, pass) in passes.enumerated() {
        let isLast = index == passes.count - 1
        let target = isLast ? buffers.output : scratch + index % 2 * between
        pass.run(source, into: target)
        source = UnsafePointer(target)
      }
      extrapolate(buffers.output)
    }
  }

  func gradient() -> any Kernel {
    let between = betweenCount
    return FunctionKernel(scratchBytes: 2 * between * MemoryLayout<Float>.stride) {
      [self] buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let scratch = buffers.scratch.assumingMemoryBound(to: Float.self)
      var source = UnsafePointer(buffers.gradient)
      if passes.isEmpty { xGradient.update(from: source, count: count) }
      for (index, pass) in passes.enumerated().reversed() {
        let target = index == 0 ? xGradient : scratch + index % 2 * between
        pass.runBack(source, into: target)
        source = UnsafePointer(target)
      }
    }
  }

  private func extrapolate(_ y: UnsafeMutablePointer<Float>) {
    for (axis, table) in weights.enumerated() where !table.outside.isEmpty && extrapolation != 0 {
      let view = AxisView(result, axis: axis)
      for o in 0..<view.outer {
        for j in table.outside {
          let start = y + (o * view.extent + j) * view.inner
          start.update(repeating: extrapolation, count: view.inner)
        }
      }
    }
  }
}

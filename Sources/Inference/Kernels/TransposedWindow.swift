import Tensors

/// Kernel extents, strides, dilations and pads of a transposed convolution, as attributes.
///
/// Along each axis, input element *i* adds to result elements *i* · stride − padBefore + *k* · dilation.
struct TransposedWindow: Sendable {
  let kernel: [Int]?
  let strides: [Int]
  let dilations: [Int]
  /// Begins, then ends.
  let pads: [Int]
  let autoPad: SlidingWindow.AutoPad
  /// Elements that the end of each axis has more.
  let outputPadding: [Int]
  /// The result's extents, where they are stated.
  let outputShape: [Int]?
  /// Axes that the attributes speak of; nil when there are none.
  let axes: Int?

  init(_ node: NodeReader) throws {
    let names = ["kernel_shape", "strides", "dilations", "output_padding"]
    let counts = try names.compactMap { try node.ints($0)?.count }
    let padCounts = try node.ints("pads").map { [$0.count / 2] } ?? []
    axes = (counts + padCounts).first
    let rank = axes ?? 2
    guard rank == 1 || rank == 2, (counts + padCounts).allSatisfy({ $0 == rank }) else {
      throw node.failure("only one- and two-dimensional windows are supported")
    }
    // One axis is the second of two.
    func pair(_ name: String, _ fallback: Int) throws -> [Int]? {
      try node.ints(name).map { rank == 1 ? [fallback] + $0 : $0 }
    }
    kernel = try pair("kernel_shape", 1)
    strides = try pair("strides", 1) ?? [1, 1]
    dilations = try pair("dilations", 1) ?? [1, 1]
    outputPadding = try pair("output_padding", 0) ?? [0, 0]
    // Some exporters state the whole shape, batch and channels included.
    outputShape = try node.ints("output_shape").map {
      Array(([1] + $0.suffix(rank)).suffix(2))
    }
    let stated = try node.ints("pads") ?? [Int](repeating: 0, count: 2 * rank)
    guard stated.count == 2 * rank else { throw node.failure("pads \(stated) are not in pairs") }
    pads = rank == 1 ? [0, stated[0], 0, stated[1]] : stated
    let padName = try node.string("auto_pad", default: "NOTSET")
    guard let autoPad = SlidingWindow.AutoPad(rawValue: padName) else {
      throw node.failure("auto_pad '\(padName)' is not supported")
    }
    self.autoPad = autoPad
    let sane = 1...1 << 16
    guard (strides + dilations + (kernel ?? []) + (outputShape ?? [])).allSatisfy(sane.contains)
    else {
      throw node.failure("kernel_shape, strides, dilations and output_shape must be in \(sane)")
    }
    guard (pads + outputPadding).allSatisfy({ $0 == 0 || sane.contains($0) }) else {
      throw node.failure("pads and output_padding must be 0 or in \(sane)")
    }
  }

  /// The same window with other pads, which are stated.
  init(_ original: TransposedWindow, pads: [Int]) {
    kernel = original.kernel
    strides = original.strides
    dilations = original.dilations
    self.pads = pads
    autoPad = .explicit
    outputPadding = [0, 0]
    outputShape = nil
    axes = original.axes
  }

  /// The window laid over a map of fixed size.
  struct Placement {
    var output = [0, 0]
    var padBefore = [0, 0]
    var padAfter = [0, 0]
  }

  /// `extents`: height and width of the map.
  ///
  /// - Throws: `ShapeMismatch` when the result would be empty, or reach past what the kernel writes by
  ///   a stride or more.
  func place(on extents: [Int], kernel: [Int]) throws -> Placement {
    guard self.kernel ?? kernel == kernel else {
      throw ShapeMismatch("kernel_shape \(self.kernel ?? []) differs from the weights' \(kernel)")
    }
    var placement = Placement()
    for axis in 0..<2 {
      let reach = (kernel[axis] - 1) * dilations[axis] + 1
      let whole = strides[axis] * (extents[axis] - 1) + reach
      let isSame = autoPad == .sameUpper || autoPad == .sameLower
      var wanted = outputShape?[axis]
      if wanted == nil, isSame { wanted = extents[axis] * strides[axis] }
      if let wanted {
        // Where the result is smaller than what the kernel writes, both ends are cut off.
        let total = max(0, whole + outputPadding[axis] - wanted)
        placement.padBefore[axis] = autoPad == .sameUpper ? total / 2 : total - total / 2
        placement.padAfter[axis] = total - placement.padBefore[axis]
        placement.output[axis] = wanted
      } else {
        let isValid = autoPad == .valid
        placement.padBefore[axis] = isValid ? 0 : pads[axis]
        placement.padAfter[axis] = isValid ? 0 : pads[axis + 2]
        placement.output[axis] =
          whole + outputPadding[axis] - placement.padBefore[axis] - placement.padAfter[axis]
      }
      let extra =
        placement.output[axis] + placement.padBefore[axis] + placement.padAfter[axis] - whole
      guard placement.output[axis] > 0, extra < strides[axis] else {
        throw ShapeMismatch(
          "a map of \(extents) cannot become one of \(placement.output[axis]) along axis \(axis)")
      }
    }
    return placement
  }
}

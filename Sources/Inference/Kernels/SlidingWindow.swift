import Tensors

/// Kernel extents, strides, dilations and pads of a convolution or pooling, as attributes.
struct SlidingWindow: Sendable {
  enum AutoPad: String, Sendable {
    case explicit = "NOTSET"
    case sameUpper = "SAME_UPPER"
    case sameLower = "SAME_LOWER"
    case valid = "VALID"
  }

  let kernel: [Int]?
  let strides: [Int]
  let dilations: [Int]
  /// Begins, then ends.
  let pads: [Int]
  let autoPad: AutoPad
  let roundsUp: Bool

  init(_ node: NodeReader) throws {
    kernel = try node.ints("kernel_shape")
    strides = try node.ints("strides") ?? [1, 1]
    dilations = try node.ints("dilations") ?? [1, 1]
    pads = try node.ints("pads") ?? [0, 0, 0, 0]
    roundsUp = try node.int("ceil_mode", default: 0) == 1
    let padName = try node.string("auto_pad", default: "NOTSET")
    guard let autoPad = AutoPad(rawValue: padName) else {
      throw node.failure("auto_pad '\(padName)' is not supported")
    }
    self.autoPad = autoPad
    guard strides.count == 2, dilations.count == 2, pads.count == 4, kernel?.count ?? 2 == 2 else {
      throw node.failure("only two-dimensional windows are supported")
    }
    let sane = 1...1 << 16
    guard (strides + dilations + (kernel ?? [])).allSatisfy(sane.contains) else {
      throw node.failure("kernel_shape, strides and dilations must be in \(sane)")
    }
    guard pads.allSatisfy({ $0 == 0 || sane.contains($0) }) else {
      throw node.failure("pads must be 0 or in \(sane)")
    }
  }

  /// The window laid over a map of fixed size.
  struct Placement {
    let kernel: [Int]
    let output: [Int]
    let padBefore: [Int]
    /// What must be added after the map so that the last window fits; may exceed the stated pad.
    let padAfter: [Int]
    /// Whether `ceil_mode` added windows that reach past the stated pad.
    let reachesPastPad: Bool
  }

  /// `extents`: height and width of the map.
  ///
  /// Returns nil when the window does not fit into the map.
  func place(on extents: [Int], kernel: [Int]) -> Placement? {
    var output = [0, 0]
    var before = [0, 0]
    var after = [0, 0]
    var past = false
    for axis in 0..<2 {
      let reach = (kernel[axis] - 1) * dilations[axis] + 1
      switch autoPad {
      case .sameUpper, .sameLower:
        output[axis] = (extents[axis] + strides[axis] - 1) / strides[axis]
        let total = max(0, (output[axis] - 1) * strides[axis] + reach - extents[axis])
        before[axis] = autoPad == .sameUpper ? total / 2 : total - total / 2
        after[axis] = total - before[axis]
      case .explicit, .valid:
        let isValid = autoPad == .valid
        before[axis] = isValid ? 0 : pads[axis]
        after[axis] = isValid ? 0 : pads[axis + 2]
        let room = extents[axis] + before[axis] + after[axis] - reach
        guard room >= 0 else { return nil }
        output[axis] = room / strides[axis] + 1
        if roundsUp, room % strides[axis] != 0,
          output[axis] * strides[axis] < extents[axis] + before[axis]
        {
          output[axis] += 1
          past = true
        }
        let needed = (output[axis] - 1) * strides[axis] + reach - extents[axis] - before[axis]
        after[axis] = roundsUp ? max(needed, 0) : after[axis]
      }
    }
    return Placement(
      kernel: kernel, output: output, padBefore: before, padAfter: after, reachesPastPad: past)
  }
}

extension SlidingWindow {
  /// The same window on maps that hold everything it reads.
  var withoutPads: SlidingWindow {
    SlidingWindow(
      kernel: kernel, strides: strides, dilations: dilations, pads: [0, 0, 0, 0],
      autoPad: .explicit, roundsUp: false)
  }

  private init(
    kernel: [Int]?, strides: [Int], dilations: [Int], pads: [Int], autoPad: AutoPad,
    roundsUp: Bool
  ) {
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.pads = pads
    self.autoPad = autoPad
    self.roundsUp = roundsUp
  }

  /// What one result element reads of maps of shape `x`; nil when the window does not fit.
  ///
  /// `kernel`: a shape whose last two extents are the kernel's.
  func receptiveField(on x: Shape, kernel: Shape, filler: Float = 0) -> ReceptiveField? {
    let extents = Array(kernel.dimensions.suffix(2))
    guard x.rank == 4, let placement = place(on: [x[2], x[3]], kernel: extents) else { return nil }
    return ReceptiveField(
      extent: zip(extents, dilations).map { ($0 - 1) * $1 + 1 }, stride: strides,
      padBefore: placement.padBefore, filler: filler)
  }
}

extension Array where Element == Int {
  /// As oneDNN counts extents.
  var wide: [Int64] { map(Int64.init) }
}

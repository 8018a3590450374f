import COneDNN
import Tensors

/// `y[n, o] = b[o] + Σ_c w[c, o] ∗ᵀ x[n, c]`: each input element adds its kernel to the result, in groups.
///
/// Shapes: `x [n, c, h, w]`, `w [c, o/group, kh, kw]`, `b [o]` → `y [n, o, oh, ow]`; also
/// `x [n, c, l]`, `w [c, o/group, k]` → `y [n, o, ol]`. ONNX `ConvTranspose`, opsets 1–28. Weights must be
/// constants.
struct TransposedConvolution: Operator {
  static let type = "ConvTranspose"
  static let requiredInputs = 2

  let window: TransposedWindow
  let groups: Int
  let hasBias: Bool

  init(_ node: NodeReader) throws {
    window = try TransposedWindow(node)
    groups = try node.int("group", default: 1)
    hasBias = node.hasInput(2)
    guard (1...1 << 16).contains(groups) else {
      throw node.failure("group \(groups) is not supported")
    }
  }

  private init(_ original: TransposedConvolution, window: TransposedWindow) {
    self.window = window
    groups = original.groups
    hasBias = original.hasBias
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule {
    inputs[0].shape.rank == 4 ? .channelsLast : .rowMajor
  }

  var packsConstants: Bool { true }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    guard let weights = inputs[1].constant, weights.floats != nil else {
      throw ShapeMismatch("weights must be constant floats")
    }
    let w = weights.shape
    guard x.rank == w.rank, x.rank == (window.axes ?? x.rank - 2) + 2, (3...4).contains(x.rank)
    else {
      throw ShapeMismatch("input \(x) and weights \(w) must have three or four axes")
    }
    guard x[1] == w[0], w[0] % groups == 0, w.count > 0, w[1] * groups < 1 << 24 else {
      throw ShapeMismatch("\(x[1]) channels against weights \(w) in \(groups) groups")
    }
    if hasBias {
      guard inputs[2].constant?.floats?.count == w[1] * groups else {
        throw ShapeMismatch("bias must be a constant of \(w[1] * groups) elements")
      }
    }
    let placement = try window.place(on: x.mapExtents, kernel: w.mapExtents)
    return [Shape([x[0], w[1] * groups] + placement.output.suffix(x.rank - 2))]
  }

  func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int {
    inputs[0].shape.count * inputs[1].shape.count / max(inputs[1].shape[0], 1)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let descriptions = try TransposedDescriptions(self, context)
    return try descriptions.memories.forward(descriptions.forward, context)
  }
}

extension Shape {
  /// Height and width of maps; a row is a map of height 1.
  fileprivate var mapExtents: [Int] { rank == 4 ? [self[2], self[3]] : [1, self[2]] }
}

extension TransposedConvolution: WindowedOperator {
  /// Only where it does not enlarge: a result element then reads the same everywhere.
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    let x = inputs[0].shape
    guard x.rank == 4, window.strides == [1, 1], let w = inputs[1].constant?.shape,
      let placement = try? window.place(on: x.mapExtents, kernel: w.mapExtents)
    else { return nil }
    let reach = onePast(w.mapExtents)
    let field = ReceptiveField(
      extent: reach, padBefore: (0..<2).map { reach[$0] - 1 - placement.padBefore[$0] })
    return [field] + inputs.dropFirst().map { _ in nil }
  }

  private func onePast(_ kernel: [Int]) -> [Int] {
    zip(kernel, window.dilations).map { ($0 - 1) * $1 + 1 }
  }

  /// Results that miss a part of what they read are cut off.
  var onWindows: any Operator { TransposedConvolutionOfWindows(convolution: self) }

  /// The same where every result that reads outside the map is cut off.
  func withoutEdges(kernel: Shape) -> TransposedConvolution {
    let cut = onePast(kernel.mapExtents).map { $0 - 1 }
    return TransposedConvolution(self, window: TransposedWindow(window, pads: cut + cut))
  }
}

/// A transposed convolution of windows that hold everything the result reads.
private struct TransposedConvolutionOfWindows: Operator {
  static let type = TransposedConvolution.type

  let convolution: TransposedConvolution

  init(convolution: TransposedConvolution) {
    self.convolution = convolution
  }

  init(_ node: NodeReader) throws {
    throw node.failure("windows are not part of a model")
  }

  /// How much is cut off depends on the kernel, which the weights tell.
  private func cut(_ inputs: [ValueDescription]) -> TransposedConvolution {
    convolution.withoutEdges(kernel: inputs[1].constant?.shape ?? inputs[1].shape)
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }
  var packsConstants: Bool { true }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    try cut(inputs).outputShapes(for: inputs)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try cut(context.inputs).forward(context)
  }

  func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int {
    convolution.multiplyAdds(inputs: inputs, output: output)
  }
}

// The data gradient is a convolution, by oneDNN.
extension TransposedConvolution: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let descriptions = try TransposedDescriptions(self, context)
    let memories = descriptions.memories
    var operation = dnnl_deconvolution_desc_t()
    var (source, weights, result) = (memories.source, memories.weights, memories.result)
    try OneDNN.check(
      dnnl_dilated_deconvolution_backward_data_desc_init(
        &operation, dnnl_deconvolution_direct, &source, &weights, &result, window.strides.wide,
        window.dilations.map { Int64($0 - 1) }, descriptions.placement.padBefore.wide,
        descriptions.placement.padAfter.wide),
      "the transposed convolution's gradient of node '\(context.label)'")
    return try memories.dataGradient(
      PrimitiveDescription(
        &operation, attributes: PrimitiveAttributes(), hint: descriptions.forward), context)
  }
}

/// What the forward and the gradient routine describe to oneDNN alike.
private struct TransposedDescriptions {
  let memories: ConvolutionMemories
  let forward: PrimitiveDescription
  let placement: TransposedWindow.Placement

  init(_ convolution: TransposedConvolution, _ context: KernelContext) throws {
    let (x, y) = (context.inputs[0].shape, context.output.shape)
    let w = context.inputs[1].constant?.shape ?? context.inputs[1].shape
    let (kernel, groups) = (w.mapExtents, convolution.groups)
    let placement = try convolution.window.place(on: x.mapExtents, kernel: kernel)
    self.placement = placement
    let tag = x.rank == 4 ? dnnl_nhwc : dnnl_nchw
    // oneDNN names results first; ONNX stores inputs first.
    let (inputs, outputs, taps) = (w[0] / groups, w[1], kernel[0] * kernel[1])
    let strides = [taps, outputs * taps, kernel[1], 1]
    let extents = [outputs, inputs] + kernel
    memories = ConvolutionMemories(
      source: try OneDNN.memory([x[0], x[1]] + x.mapExtents, tag),
      weights: try OneDNN.anyLayout(groups == 1 ? extents : [groups] + extents),
      plainWeights: groups == 1
        ? try OneDNN.memory(extents, strides: strides)
        : try OneDNN.memory([groups] + extents, strides: [inputs * outputs * taps] + strides),
      bias: convolution.hasBias ? try OneDNN.memory([y[1]], dnnl_x) : nil,
      result: try OneDNN.memory([y[0], y[1]] + y.mapExtents, tag))
    var operation = dnnl_deconvolution_desc_t()
    var (source, weights, result) = (memories.source, memories.weights, memories.result)
    var bias = memories.bias ?? dnnl_memory_desc_t()
    let status = withUnsafePointer(to: &bias) { biasPointer in
      dnnl_dilated_deconvolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_deconvolution_direct, &source, &weights,
        convolution.hasBias ? biasPointer : nil, &result, convolution.window.strides.wide,
        convolution.window.dilations.map { Int64($0 - 1) }, placement.padBefore.wide,
        placement.padAfter.wide)
    }
    try OneDNN.check(status, "the transposed convolution of node '\(context.label)'")
    forward = try PrimitiveDescription(&operation, attributes: PrimitiveAttributes())
  }
}

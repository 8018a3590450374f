import COneDNN
import Tensors

/// `y[n, o] = b[o] + Σ_c w[o, c] ∗ x[n, c]`, a two-dimensional convolution in groups.
///
/// Shapes: `x [n, c, h, w]`, `w [o, c/group, kh, kw]`, `b [o]` → `y [n, o, oh, ow]`.
/// ONNX `Conv`, opsets 1–22. Weights must be constants. The compiler may fuse an addition and an
/// activation that follow: `y = activation(conv(x) + residual)`, the residual being the last input.
struct Convolution: Operator {
  static let type = "Conv"
  static let requiredInputs = 2

  let window: SlidingWindow
  let groups: Int
  var hasBias: Bool
  var addsResidual = false
  var activation: Activation?

  init(_ node: NodeReader) throws {
    window = try SlidingWindow(node)
    groups = try node.int("group", default: 1)
    hasBias = node.hasInput(2)
    guard (1...1 << 16).contains(groups) else {
      throw node.failure("group \(groups) is not supported")
    }
  }

  /// The same convolution with another window.
  init(_ original: Convolution, window: SlidingWindow) {
    self.window = window
    groups = original.groups
    hasBias = original.hasBias
    addsResidual = original.addsResidual
    activation = original.activation
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }

  var packsConstants: Bool { true }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    let w = inputs[1].shape
    guard let weights = inputs[1].constant, weights.floats != nil else {
      throw ShapeMismatch("weights must be constant floats")
    }
    guard x.rank == 4, weights.shape.rank == 4 else {
      throw ShapeMismatch("input \(x) and weights \(weights.shape) must have four axes")
    }
    guard x[1] == w[1] * groups, w[0] % groups == 0 else {
      throw ShapeMismatch("\(x[1]) channels against weights \(w) in \(groups) groups")
    }
    if hasBias {
      guard inputs[2].constant?.floats?.count == w[0] else {
        throw ShapeMismatch("bias must be a constant of \(w[0]) elements")
      }
    }
    guard
      let placement = window.place(
        on: [x[2], x[3]], kernel: [w[2], w[3]])
    else { throw ShapeMismatch("kernel [\(w[2]), \(w[3])] exceeds the padded map \(x)") }
    return [[x[0], w[0], placement.output[0], placement.output[1]]]
  }

  func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int {
    output.count * inputs[1].shape.count / max(inputs[1].shape[0], 1)
  }

  /// The residual's memory may become the result's.
  func inPlaceInputs(for inputs: [ValueDescription]) -> [Int] {
    addsResidual ? [inputs.count - 1] : []
  }

  private func fused(_ context: KernelContext) -> FusedResult {
    FusedResult(
      residual: addsResidual ? context.inputs.count - 1 : nil, activation: activation)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try fused(context).forward(context) { activation, place in
      try product(context, activation: activation, to: place)
    }
  }

  private func product(
    _ context: KernelContext, activation: Activation?, to place: PrimitiveKernel.Place
  ) throws -> any Kernel {
    // Patches take the workspace themselves.
    if case .output = place, let patches = PatchProduct(self, context) {
      return try patches.forward(
        weights: context.inputs[1],
        bias: hasBias ? context.constants.plain(context.inputs[2]) : nil,
        addsToResult: addsResidual, activation: activation, to: place, context)
    }
    let descriptions = try ConvolutionDescriptions(self, context, activation: activation)
    return try descriptions.memories.forward(descriptions.forward, context, to: place)
  }
}

extension Convolution: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    guard let field = window.receptiveField(on: inputs[0].shape, kernel: inputs[1].shape) else {
      return nil
    }
    return inputs.indices.map { index in
      switch index {
      case 0: field
      case inputs.count - 1 where addsResidual: .pointwise
      default: nil
      }
    }
  }

  var onWindows: any Operator { Convolution(self, window: window.withoutPads) }
}

// Data gradient: a transposed convolution by oneDNN. A fused activation is undone first; a fused
// residual receives that same gradient.
extension Convolution: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try fused(context).gradient(context, then: [dataGradient(context)])
  }

  private func dataGradient(_ context: KernelContext) throws -> any Kernel {
    if let image = ImageGradient(self, context) { return try image.kernel(context) }
    if let patches = PatchProduct(self, context) {
      return try patches.gradient(weights: context.inputs[1], context)
    }
    let descriptions = try ConvolutionDescriptions(self, context, activation: nil)
    let memories = descriptions.memories
    var operation = dnnl_convolution_desc_t()
    var (source, weights, result) = (memories.source, memories.weights, memories.result)
    try OneDNN.check(
      dnnl_dilated_convolution_backward_data_desc_init(
        &operation, dnnl_convolution_direct, &source, &weights, &result,
        window.strides.wide, descriptions.dilates, descriptions.placement.padBefore.wide,
        descriptions.placement.padAfter.wide),
      "the convolution gradient of node '\(context.label)'")
    return try memories.dataGradient(
      PrimitiveDescription(
        &operation, attributes: PrimitiveAttributes(), hint: descriptions.forward), context)
  }
}

/// What the forward and the gradient routine describe to oneDNN alike.
private struct ConvolutionDescriptions {
  let memories: ConvolutionMemories
  let forward: PrimitiveDescription
  let placement: SlidingWindow.Placement
  let dilates: [Int64]

  init(
    _ convolution: Convolution, _ context: KernelContext, activation: Activation?
  ) throws {
    let x = context.inputs[0].shape
    let w = context.inputs[1].shape
    let y = context.output.shape
    guard
      let placement = convolution.window.place(on: [x[2], x[3]], kernel: [w[2], w[3]])
    else { throw ShapeMismatch("kernel exceeds the map") }
    self.placement = placement
    let groups = convolution.groups
    let extents =
      groups == 1 ? w.dimensions : [groups, w[0] / groups] + w.dimensions.dropFirst()
    memories = ConvolutionMemories(
      source: try OneDNN.memory(x.dimensions, dnnl_nhwc),
      weights: try OneDNN.memory(extents, dnnl_format_tag_any),
      plainWeights: try OneDNN.memory(extents, groups == 1 ? dnnl_oihw : dnnl_goihw),
      bias: convolution.hasBias ? try OneDNN.memory([w[0]], dnnl_x) : nil,
      result: try OneDNN.memory(y.dimensions, dnnl_nhwc))
    let dilates = convolution.window.dilations.map { Int64($0 - 1) }
    self.dilates = dilates

    let attributes = try PrimitiveAttributes()
    if convolution.addsResidual { try attributes.appendSum() }
    if let activation { try attributes.append(activation) }
    var operation = dnnl_convolution_desc_t()
    var (source, weights, result) = (memories.source, memories.weights, memories.result)
    var bias = memories.bias ?? dnnl_memory_desc_t()
    let status = withUnsafePointer(to: &bias) { biasPointer in
      dnnl_dilated_convolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_convolution_direct, &source, &weights,
        convolution.hasBias ? biasPointer : nil, &result, convolution.window.strides.wide,
        dilates, placement.padBefore.wide, placement.padAfter.wide)
    }
    try OneDNN.check(status, "the convolution of node '\(context.label)'")
    forward = try PrimitiveDescription(&operation, attributes: attributes)
  }
}

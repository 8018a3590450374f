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
  let hasBias: Bool
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

  /// The same convolution with other pads, or with what follows it fused.
  init(
    _ original: Convolution, window: SlidingWindow? = nil, hasBias: Bool? = nil,
    addsResidual: Bool? = nil, activation: Activation? = nil
  ) {
    self.window = window ?? original.window
    groups = original.groups
    self.hasBias = hasBias ?? original.hasBias
    self.addsResidual = addsResidual ?? original.addsResidual
    self.activation = activation ?? original.activation
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .channelsLast }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    let w = inputs[1].shape
    guard x.rank == 4, w.rank == 4 else {
      throw ShapeMismatch("input \(x) and weights \(w) must have four axes")
    }
    guard inputs[1].constant?.floats != nil else {
      throw ShapeMismatch("weights must be constant floats")
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

  func forward(_ context: KernelContext) throws -> any Kernel {
    try ConvolutionKernel(self, context)
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

// Data gradient: a transposed convolution by oneDNN. A fused activation is undone first, from the
// output alone; a fused residual receives that same gradient.
extension Convolution: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    try ConvolutionGradientKernel(self, context)
  }
}

/// What the forward and the gradient routine describe to oneDNN alike.
private struct ConvolutionDescriptions {
  let source: dnnl_memory_desc_t
  let weights: dnnl_memory_desc_t
  let plainWeights: dnnl_memory_desc_t
  let bias: dnnl_memory_desc_t
  let result: dnnl_memory_desc_t
  let forward: PrimitiveDescription
  let placement: SlidingWindow.Placement
  let dilates: [Int64]

  init(_ convolution: Convolution, _ context: KernelContext) throws {
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
    source = try OneDNN.memory(x.dimensions, dnnl_nhwc)
    result = try OneDNN.memory(y.dimensions, dnnl_nhwc)
    weights = try OneDNN.memory(extents, dnnl_format_tag_any)
    plainWeights = try OneDNN.memory(extents, groups == 1 ? dnnl_oihw : dnnl_goihw)
    bias = try convolution.hasBias ? OneDNN.memory([w[0]], dnnl_x) : dnnl_memory_desc_t()
    let dilates = convolution.window.dilations.map { Int64($0 - 1) }
    self.dilates = dilates

    let attributes = try PrimitiveAttributes()
    if convolution.addsResidual { try attributes.appendAddition(result) }
    if let activation = convolution.activation { try attributes.append(activation) }
    var operation = dnnl_convolution_desc_t()
    var (source, weights, bias, result) = (source, weights, bias, result)
    let status = withUnsafePointer(to: &bias) { biasPointer in
      dnnl_dilated_convolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_convolution_direct, &source, &weights,
        convolution.hasBias ? biasPointer : nil, &result, convolution.window.strides.wide,
        dilates, placement.padBefore.wide, placement.padAfter.wide)
    }
    try OneDNN.check(status, "the convolution of node '\(context.label)'")
    forward = try PrimitiveDescription(&operation, attributes: attributes)
  }

  /// The weights in the order the primitive wants, shared by all sessions.
  func pack(
    for primitive: PrimitiveDescription, _ context: KernelContext
  ) throws -> ConstantBuffer {
    var target = primitive.memory(dnnl_query_weights_md)
    let key = withUnsafeBytes(of: target) { bytes in
      bytes.reduce(into: Hasher64()) { $0.add($1) }.value
    }
    return try context.constants.buffer("\(context.inputs[1].name)#\(key)") {
      try ConstantBuffer(byteCount: dnnl_memory_desc_get_size(&target)) { bytes in
        let floats = context.inputs[1].constant?.floats ?? []
        guard let base = bytes.baseAddress else { return }
        try floats.withUnsafeBufferPointer { buffer in
          guard let first = buffer.baseAddress else { return }
          try reorder(first, plainWeights, into: base, target)
        }
      }
    }
  }
}

/// FNV-1a, to tell layouts of one constant apart.
private struct Hasher64 {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
  }
}

private final class ConvolutionKernel: Kernel {
  let scratchBytes: Int
  let workspaceBytes = 0
  private let primitive: Primitive
  private let weights: ConstantBuffer
  private let bias: ConstantBuffer?
  private let addsResidual: Bool

  init(_ convolution: Convolution, _ context: KernelContext) throws {
    let descriptions = try ConvolutionDescriptions(convolution, context)
    let forward = descriptions.forward
    weights = try descriptions.pack(for: forward, context)
    bias =
      convolution.hasBias
      ? context.constants.buffer(context.inputs[2].name) {
        ConstantBuffer(context.inputs[2].constant?.floats ?? [])
      } : nil
    addsResidual = convolution.addsResidual
    scratchBytes = forward.scratchBytes
    var arguments: [(Int32, dnnl_memory_desc_t)] = [
      (DNNL_ARG_SRC_0, descriptions.source), (DNNL_ARG_DST_0, descriptions.result),
      (DNNL_ARG_WEIGHTS_0, forward.memory(dnnl_query_weights_md)),
    ]
    if convolution.hasBias { arguments.append((DNNL_ARG_BIAS, descriptions.bias)) }
    if addsResidual {
      arguments.append(
        (DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1, descriptions.result))
    }
    primitive = try Primitive(forward, arguments)
  }

  func run(_ buffers: Buffers) {
    primitive.point(0, to: buffers.input(0))
    primitive.point(1, to: buffers.output)
    primitive.point(2, to: weights.bytes.baseAddress)
    var next = 3
    if let bias {
      primitive.point(next, to: bias.bytes.baseAddress)
      next += 1
    }
    if addsResidual {
      primitive.point(next, to: buffers.input(buffers.inputs.count - 1))
      next += 1
    }
    primitive.point(next, to: buffers.scratch)
    primitive.run()
  }
}

private final class ConvolutionGradientKernel: Kernel {
  let scratchBytes: Int
  let workspaceBytes = 0
  private let primitive: Primitive
  private let weights: ConstantBuffer
  private let activation: Activation?
  private let addsResidual: Bool
  private let resultCount: Int

  init(_ convolution: Convolution, _ context: KernelContext) throws {
    let descriptions = try ConvolutionDescriptions(convolution, context)
    var operation = dnnl_convolution_desc_t()
    var source = descriptions.source
    var weightsAny = descriptions.weights
    var result = descriptions.result
    try OneDNN.check(
      dnnl_dilated_convolution_backward_data_desc_init(
        &operation, dnnl_convolution_direct, &source, &weightsAny, &result,
        convolution.window.strides.wide, descriptions.dilates,
        descriptions.placement.padBefore.wide, descriptions.placement.padAfter.wide),
      "the convolution gradient of node '\(context.label)'")
    let description = try PrimitiveDescription(
      &operation, attributes: PrimitiveAttributes(), hint: descriptions.forward)
    weights = try descriptions.pack(for: description, context)
    primitive = try Primitive(
      description,
      [
        (DNNL_ARG_DIFF_SRC_0, source), (DNNL_ARG_DIFF_DST_0, result),
        (DNNL_ARG_WEIGHTS_0, description.memory(dnnl_query_weights_md)),
      ])
    scratchBytes = description.scratchBytes
    activation = convolution.activation
    addsResidual = convolution.addsResidual
    resultCount = context.output.shape.count
  }

  func run(_ buffers: Buffers) {
    // Nothing reads the output's gradient after this, so it is changed in place.
    activation?.multiplyByDerivative(
      buffers.gradient, output: buffers.output, count: resultCount)
    if addsResidual, let residual = buffers.inputGradients[buffers.inputGradients.count - 1] {
      residual.update(from: buffers.gradient, count: resultCount)
    }
    guard let source = buffers.inputGradients[0] else { return }
    primitive.point(0, to: source)
    primitive.point(1, to: buffers.gradient)
    primitive.point(2, to: weights.bytes.baseAddress)
    primitive.point(3, to: buffers.scratch)
    primitive.run()
  }
}

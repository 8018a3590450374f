import COneDNN
import Tensors

/// `y = activation(a · b + bias + residual)` over the last two axes, by oneDNN.
///
/// Shapes: `a [..., m, k]`, `b [..., k, n]` → `y [..., m, n]`, the axes before broadcast; `bias [n]`
/// and `b` may be constants, which are packed once for all sessions; `residual` is like `y`.
struct MatrixProduct {
  /// A matrix, or a batch of them, and how it lies.
  struct Operand {
    /// Batch axes, rows, columns.
    var extents: [Int]
    var strides: [Int]
    let index: Int
    let value: ValueDescription

    init(_ value: ValueDescription, index: Int, isTransposed: Bool = false) {
      extents = value.shape.dimensions
      strides = value.shape.rowMajorStrides
      self.index = index
      self.value = value
      if isTransposed { transpose() }
    }

    /// Axes of a value in another order: batch axes, rows, columns.
    init(_ value: ValueDescription, index: Int, extents: [Int], strides: [Int]) {
      self.value = value
      self.index = index
      self.extents = extents
      self.strides = strides
    }

    mutating func transpose() {
      let last = extents.count - 1
      extents.swapAt(last, last - 1)
      strides.swapAt(last, last - 1)
    }

    var transposed: Operand {
      var copy = self
      copy.transpose()
      return copy
    }

    /// Where the element after the last one of axis `axis` begins, for axes of extent 1.
    mutating func pad(toRank rank: Int) {
      while extents.count < rank {
        extents.insert(1, at: 0)
        strides.insert((strides.first ?? 1) * max(extents.dropFirst().first ?? 1, 1), at: 0)
      }
    }

    /// The same rows under one batch axis less, when they lie densely after each other.
    var flattened: Operand? {
      var copy = self
      while copy.extents.count > 2 {
        let rows = copy.extents.count - 2
        guard copy.strides[rows - 1] == copy.strides[rows] * copy.extents[rows] else { return nil }
        copy.extents[rows] *= copy.extents[rows - 1]
        copy.extents.remove(at: rows - 1)
        copy.strides.remove(at: rows - 1)
      }
      return copy
    }

    var description: dnnl_memory_desc_t {
      get throws { try OneDNN.memory(extents, strides: strides) }
    }
  }

  private(set) var left: Operand
  private(set) var right: Operand
  private(set) var result: Operand
  /// Index of the bias among the inputs, a constant of `n` elements.
  var bias: Int?
  /// Index of what is added besides, shaped like the result.
  var residual: Int?
  var activation: Activation?
  var alpha: Float = 1
  let label: String

  init(left: Operand, right: Operand, result: ValueDescription, label: String) {
    self.left = left
    self.right = right
    self.result = Operand(result, index: 0)
    self.label = label
    // Rows of all batches against one matrix are one product.
    if right.extents.count == 2, let flat = left.flattened, let flatResult = self.result.flattened {
      self.left = flat
      self.result = flatResult
    } else {
      let rank = max(left.extents.count, right.extents.count, self.result.extents.count)
      self.left.pad(toRank: rank)
      self.right.pad(toRank: rank)
      self.result.pad(toRank: rank)
    }
  }
}

// MARK: - Forward

extension MatrixProduct {
  private var fused: FusedResult { FusedResult(residual: residual, activation: activation) }

  func forward(_ context: KernelContext) throws -> any Kernel {
    try fused.forward(context) { activation, place in
      try kernel(context, activation: activation, to: place)
    }
  }

  private func kernel(
    _ context: KernelContext, activation: Activation?, to place: PrimitiveKernel.Place
  ) throws -> any Kernel {
    let attributes = try PrimitiveAttributes()
    if alpha != 1 { try attributes.append(.linear(alpha, 0)) }
    let resultDescription = try result.description
    if residual != nil { try attributes.appendSum() }
    if let activation { try attributes.append(activation) }
    let isPacked = right.value.isConstant
    var biasDescription: dnnl_memory_desc_t?
    if bias != nil {
      let rank = result.extents.count
      biasDescription = try OneDNN.memory(
        [Int](repeating: 1, count: rank - 1) + [result.extents[rank - 1]])
    }
    let description = try MatrixProduct.description(
      left.description, isPacked ? OneDNN.anyLayout(right.extents) : right.description,
      biasDescription, resultDescription, attributes, label)
    var arguments: [PrimitiveKernel.Argument] = [
      (DNNL_ARG_SRC_0, try left.description, location(of: left, context)),
      (DNNL_ARG_DST_0, resultDescription, place),
    ]
    if isPacked {
      let packed = try MatrixProduct.pack(right, for: description, context)
      arguments.append(
        (DNNL_ARG_WEIGHTS_0, description.memory(dnnl_query_weights_md), .constant(packed)))
    } else {
      arguments.append((DNNL_ARG_WEIGHTS_0, try right.description, .input(right.index)))
    }
    if let bias, let biasDescription {
      let buffer = context.constants.plain(context.inputs[bias])
      arguments.append((DNNL_ARG_BIAS, biasDescription, .constant(buffer)))
    }
    return try PrimitiveKernel(description, arguments)
  }

  private func location(of operand: Operand, _ context: KernelContext) -> PrimitiveKernel.Place {
    operand.value.isConstant
      ? .constant(context.constants.plain(operand.value)) : .input(operand.index)
  }

  static func description(
    _ left: dnnl_memory_desc_t, _ right: dnnl_memory_desc_t, _ bias: dnnl_memory_desc_t?,
    _ result: dnnl_memory_desc_t, _ attributes: PrimitiveAttributes, _ label: String
  ) throws -> PrimitiveDescription {
    var operation = dnnl_matmul_desc_t()
    var (left, right, result) = (left, right, result)
    var biasDescription = bias ?? dnnl_memory_desc_t()
    let status = withUnsafePointer(to: &biasDescription) { pointer in
      dnnl_matmul_desc_init(&operation, &left, &right, bias == nil ? nil : pointer, &result)
    }
    try OneDNN.check(status, "the product of node '\(label)'")
    return try PrimitiveDescription(&operation, attributes: attributes)
  }

  /// A constant in the order the primitive wants, shared by all sessions.
  fileprivate static func pack(
    _ operand: Operand, for primitive: PrimitiveDescription, _ context: KernelContext
  ) throws -> ConstantBuffer {
    let target = primitive.memory(dnnl_query_weights_md)
    return try context.constants.packed(
      operand.value.name, operand.value.constant?.asFloats ?? [], from: operand.description,
      to: target)
  }
}

// MARK: - Gradient

// With ∂ = activation′ · ∂y: ∂a = ∂ · bᵀ and ∂b = aᵀ · ∂, summed over broadcast axes; ∂residual = ∂.
extension MatrixProduct {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    var kernels: [any Kernel] = []
    if !left.value.isConstant {
      kernels.append(
        try gradientKernel(
          of: left, context, from: .outputGradient(), result, by: right.transposed))
    }
    if !right.value.isConstant {
      kernels.append(try gradientKernel(of: right, context, from: nil, left.transposed, by: result))
    }
    return try fused.gradient(context, then: kernels)
  }

  /// The product `first · second`, summed over what `operand` was broadcast over.
  ///
  /// `place`: of the first factor when it is the result's gradient, nil when the second is.
  private func gradientKernel(
    of operand: Operand, _ context: KernelContext, from place: PrimitiveKernel.Place?,
    _ first: Operand, by second: Operand
  ) throws -> any Kernel {
    let batch = result.extents.dropLast(2)
    let isBroadcast = operand.extents.dropLast(2) != batch
    // Where the operand was broadcast, whole products go to scratch memory first.
    let whole = Array(batch) + operand.extents.suffix(2)
    let target =
      try isBroadcast ? OneDNN.memory(whole) : operand.description
    let isPacked = place != nil && second.value.isConstant
    let attributes = try PrimitiveAttributes()
    if alpha != 1 { try attributes.append(.linear(alpha, 0)) }
    let description = try MatrixProduct.description(
      first.description, isPacked ? OneDNN.anyLayout(second.extents) : second.description, nil,
      target, attributes, label)
    var arguments: [PrimitiveKernel.Argument] = []
    if let place {
      arguments.append((DNNL_ARG_SRC_0, try first.description, place))
      if isPacked {
        let packed = try MatrixProduct.pack(second, for: description, context)
        arguments.append(
          (DNNL_ARG_WEIGHTS_0, description.memory(dnnl_query_weights_md), .constant(packed)))
      } else {
        arguments.append((DNNL_ARG_WEIGHTS_0, try second.description, .input(second.index)))
      }
    } else {
      arguments.append((DNNL_ARG_SRC_0, try first.description, location(of: first, context)))
      arguments.append((DNNL_ARG_WEIGHTS_0, try second.description, .outputGradient()))
    }
    guard isBroadcast else {
      arguments.append((DNNL_ARG_DST_0, target, .inputGradient(operand.index)))
      return try PrimitiveKernel(description, arguments)
    }
    arguments.append((DNNL_ARG_DST_0, target, .workspace()))
    return SummedProduct(
      whole: whole, kept: operand.extents, strides: operand.strides, input: operand.index,
      product: try PrimitiveKernel(description, arguments))
  }
}

/// A product in scratch memory, then summed over the axes along which an operand was broadcast.
private final class SummedProduct: Kernel {
  let scratchBytes: Int
  let workspaceBytes = 0
  private let loop: BroadcastLoop
  private let input: Int
  private let count: Int
  private let productBytes: Int
  private let product: any Kernel

  init(whole: [Int], kept: [Int], strides: [Int], input: Int, product: any Kernel) {
    // The operand may be a transposed view: its elements are walked by its own distances.
    let dense = Shape(whole).rowMajorStrides
    loop = BroadcastLoop(
      extents: whole, strides: [dense, zip(kept, strides).map { $0 == 1 ? 0 : $1 }, dense])
    self.input = input
    count = kept.reduce(1, *)
    productBytes = MemoryPlan.align(whole.reduce(1, *) * MemoryLayout<Float>.stride)
    scratchBytes = productBytes + product.scratchBytes
    self.product = product
  }

  func run(_ buffers: Buffers) {
    guard let target = buffers.inputGradients[input] else { return }
    var own = buffers
    own.workspace = buffers.scratch
    own.scratch = buffers.scratch + productBytes
    product.run(own)
    let source = buffers.scratch.assumingMemoryBound(to: Float.self)
    target.update(repeating: 0, count: count)
    loop.forEachRow { i, j, k in
      loop.forEachColumn(i, j, k) { i, j, _ in target[j] += source[i] }
    }
  }
}

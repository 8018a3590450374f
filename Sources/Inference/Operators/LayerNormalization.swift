import COneDNN
import Tensors

/// `y = scale · (x − mean) / √(variance + ε) + bias` over the last axes.
///
/// Shapes: `x [..., d]`, `scale [d]`, `bias [d]` constants → `y [..., d]`, where `d` stands for all axes
/// from `axis` on. ONNX `LayerNormalization`, opsets 17–28. Exporters before opset 17 write its
/// formula, which the compiler turns into it.
struct LayerNormalization: Operator {
  static let type = "LayerNormalization"
  static let requiredInputs = 2

  private let axis: Int
  private let epsilon: Float

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: -1)
    epsilon = try node.float("epsilon", default: 1e-5)
  }

  /// Over the last axis.
  init(epsilon: Float) {
    axis = -1
    self.epsilon = epsilon
  }

  var packsConstants: Bool { true }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let length = try extents(inputs[0].shape).length
    guard
      inputs.dropFirst().allSatisfy({
        $0.isOmitted || $0.constant?.asFloats.count == length
      })
    else {
      throw ShapeMismatch("scale and bias must be constants of \(length) elements")
    }
    return [inputs[0].shape]
  }

  /// Groups to normalise and elements of each.
  private func extents(_ x: Shape) throws -> (rows: Int, length: Int) {
    guard let axis = x.resolve(axis: axis) else {
      throw ShapeMismatch("axis \(axis) is outside \(x)")
    }
    let length = x.dimensions[axis...].reduce(1, *)
    return (x.count / max(length, 1), length)
  }

  /// What forward and gradient describe to oneDNN alike.
  private struct Descriptions {
    let elements: dnnl_memory_desc_t
    /// Of means, and of variances.
    let statistics: dnnl_memory_desc_t
    let parameters: dnnl_memory_desc_t
    let rows: Int
    let forward: PrimitiveDescription

    init(_ rows: Int, _ length: Int, flags: UInt32, epsilon: Float, keeps: Bool) throws {
      self.rows = rows
      elements = try OneDNN.memory([rows, length])
      statistics = try OneDNN.memory([rows])
      parameters = try OneDNN.memory([length])
      var operation = dnnl_layer_normalization_desc_t()
      var (elements, statistics) = (elements, statistics)
      try OneDNN.check(
        dnnl_layer_normalization_forward_desc_init(
          &operation, keeps ? dnnl_forward_training : dnnl_forward_inference, &elements,
          &statistics, epsilon, flags), "a layer normalisation")
      forward = try PrimitiveDescription(&operation, attributes: PrimitiveAttributes())
    }

    /// Where the statistics lie between forward and gradient.
    var places: [PrimitiveKernel.Argument] {
      [
        (DNNL_ARG_MEAN, statistics, .workspace()),
        (DNNL_ARG_VARIANCE, statistics, .workspace(offset: rows)),
      ]
    }
  }

  private func parameters(
    _ context: KernelContext, _ description: dnnl_memory_desc_t
  ) -> [PrimitiveKernel.Argument] {
    zip([DNNL_ARG_SCALE, DNNL_ARG_SHIFT], context.inputs.dropFirst().filter { !$0.isOmitted }).map {
      number, input in
      (number, description, .constant(context.constants.plain(input)))
    }
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let keeps = context.keepsForGradient
    let (rows, length) = try extents(context.input.shape)
    let hasBias = context.inputs.count > 2 && !context.inputs[2].isOmitted
    let shift = hasBias ? dnnl_use_shift.rawValue : 0
    let descriptions = try Descriptions(
      rows, length, flags: dnnl_use_scale.rawValue | shift, epsilon: epsilon, keeps: keeps)
    return try PrimitiveKernel(
      descriptions.forward,
      [
        (DNNL_ARG_SRC_0, descriptions.elements, .input(0)),
        (DNNL_ARG_DST_0, descriptions.elements, .output()),
      ] + parameters(context, descriptions.parameters) + (keeps ? descriptions.places : []),
      workspaceBytes: keeps ? 2 * descriptions.rows * MemoryLayout<Float>.stride : 0)
  }
}

// The gradient times the scale, in place because nothing reads it afterwards, then that of the
// normalisation alone.
extension LayerNormalization: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let (rows, length) = try extents(context.input.shape)
    var operation = dnnl_layer_normalization_desc_t()
    let descriptions = try Descriptions(rows, length, flags: 0, epsilon: epsilon, keeps: true)
    var (elements, statistics) = (descriptions.elements, descriptions.statistics)
    try OneDNN.check(
      dnnl_layer_normalization_backward_desc_init(
        &operation, dnnl_backward_data, &elements, &elements, &statistics, epsilon, 0),
      "a layer normalisation's gradient")
    let description = try PrimitiveDescription(
      &operation, attributes: PrimitiveAttributes(), hint: descriptions.forward)
    let scale = context.constants.plain(context.inputs[1])
    return KernelSequence([
      FunctionKernel { buffers in
        let (gradient, scale) = (buffers.gradient, scale.floats)
        for row in 0..<rows {
          let start = gradient + row * length
          for i in 0..<length { start[i] *= scale[i] }
        }
      },
      try PrimitiveKernel(
        description,
        [
          (DNNL_ARG_SRC_0, elements, .input(0)),
          (DNNL_ARG_DIFF_DST_0, elements, .outputGradient()),
          (DNNL_ARG_DIFF_SRC_0, elements, .inputGradient(0)),
        ] + descriptions.places),
    ])
  }
}

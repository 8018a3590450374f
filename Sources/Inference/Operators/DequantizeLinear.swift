import Tensors

/// `y = (x − zero point) · scale`.
///
/// Shapes: `x [...]`, `scale` and `zero point` constants: one number, `[d]` for the extent of `axis`, or
/// blocks of it → `y` like `x`. ONNX `DequantizeLinear`, opsets 10–28.
struct DequantizeLinear: Operator {
  static let type = "DequantizeLinear"
  static let requiredInputs = 2

  private let layout: QuantizationLayout

  init(_ node: NodeReader) throws {
    layout = try QuantizationLayout(node)
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { layout.layoutRule }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    _ = try layout.parameters(inputs)
    return [inputs[0].shape]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let parameters = try layout.parameters(context.inputs)
    return FunctionKernel { buffers in
      let (x, y) = (buffers.input(0), buffers.output)
      parameters.forEachElement { i, scale, zeroPoint in y[i] = (x[i] - zeroPoint) * scale }
    }
  }
}

extension DequantizeLinear: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    layout.receptiveFields(for: inputs)
  }
}

extension DequantizeLinear: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let parameters = try layout.parameters(context.inputs)
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let yGradient = buffers.gradient
      parameters.forEachElement { i, scale, _ in xGradient[i] = yGradient[i] * scale }
    }
  }
}

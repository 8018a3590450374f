import ONNX
import Tensors

/// `y = clamp(round(x / scale) + zero point)`, integers of 8 or 16 bits in steps of `scale`.
///
/// Shapes: `x [...]`, `scale` and `zero point` constants: one number, `[d]` for the extent of `axis`, or
/// blocks of it → `y` like `x`. ONNX `QuantizeLinear`, opsets 10–28. Halves round to even. The result's
/// integers are kept as floats.
struct QuantizeLinear: Operator {
  static let type = "QuantizeLinear"
  static let requiredInputs = 2

  private let layout: QuantizationLayout
  private let statedType: ElementType?

  init(_ node: NodeReader) throws {
    layout = try QuantizationLayout(node)
    let type = try node.int("output_dtype", default: 0)
    statedType = type == 0 ? nil : ElementType(rawValue: Int32(truncatingIfNeeded: type))
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { layout.layoutRule }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    _ = try type(inputs)
    _ = try layout.parameters(inputs)
    return [inputs[0].shape]
  }

  /// The integers to round to: the zero point's kind, stated, or unsigned bytes.
  private func type(_ inputs: [ValueDescription]) throws -> ElementType {
    let zeroPoint =
      inputs.count > 2 && !inputs[2].isOmitted ? inputs[2].constant?.elementType : nil
    let type = statedType ?? zeroPoint ?? .uint8
    guard type.integerRange != nil || type.isSmallFloat else {
      throw ShapeMismatch("quantisation to \(type) is not supported")
    }
    return type
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let type = try type(context.inputs)
    let parameters = try layout.parameters(context.inputs)
    return FunctionKernel { buffers in
      let (x, y) = (buffers.input(0), buffers.output)
      guard let range = type.integerRange else {
        return parameters.forEachElement { i, scale, zeroPoint in
          y[i] = type.quantized(x[i] / scale, zeroPoint: zeroPoint)
        }
      }
      parameters.quantize(into: y, range) { i, scale, zeroPoint in
        (x[i] / scale).nearestStep + zeroPoint
      }
    }
  }
}

extension QuantizeLinear: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    layout.receptiveFields(for: inputs)
  }
}

// The gradient passes straight through the rounding: that of x / scale, 0 where clamped.
extension QuantizeLinear: QuantizingOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let type = try type(context.inputs)
    let range = type.integerRange ?? -type.largestFinite...type.largestFinite
    let parameters = try layout.parameters(context.inputs)
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let (x, yGradient) = (buffers.input(0), buffers.gradient)
      parameters.forEachElement { i, scale, zeroPoint in
        let rounded = (x[i] / scale).nearestStep + zeroPoint
        xGradient[i] = range.contains(rounded) ? yGradient[i] / scale : 0
      }
    }
  }
}

import ONNX
import Tensors

/// `y = clamp(round(x / scale) + zero point)` in bytes, scale and zero point from the range of `x`.
///
/// Shapes: `x [...] → y` like `x`, `scale []`, `zero point []`. ONNX `DynamicQuantizeLinear`, opsets 11–28.
/// The range, which 0 belongs to, is that of the whole input, all images of a batch: networks with this
/// operator take one image at a time. Any pixel may move the range and with it every element, so
/// there is no window rule: a masked pixel is followed on whole maps.
struct DynamicQuantizeLinear: Operator {
  static let type = "DynamicQuantizeLinear"

  init(_ node: NodeReader) {}

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  func outputShapes(for inputs: [ValueDescription]) -> [Shape] { [inputs[0].shape, [], []] }

  private static let largest: Float = 255

  /// What a step stands for, and the byte for 0.
  private static func parameters(
    _ x: UnsafePointer<Float>, _ count: Int
  ) -> (scale: Float, zeroPoint: Float) {
    var (low, high): (Float, Float) = (0, 0)
    for i in 0..<count {
      low = min(low, x[i])
      high = max(high, x[i])
    }
    let scale = high > low ? (high - low) / largest : 1
    let zeroPoint = min(max(-low / scale, 0), largest).rounded(.toNearestOrEven)
    return (scale, zeroPoint)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let count = context.output.shape.count
    return FunctionKernel { buffers in
      let (x, y) = (buffers.input(0), buffers.output)
      let (scale, zeroPoint) = Self.parameters(x, count)
      for i in 0..<count {
        let rounded = (x[i] / scale).nearestStep + zeroPoint
        y[i] = min(max(rounded, 0), Self.largest)
      }
      for (output, value) in zip(buffers.outputs.dropFirst(), [scale, zeroPoint]) {
        output.pointee = value
      }
    }
  }
}

// Straight through the rounding, nothing clamps. Scale and zero point count as constants: what
// a change of them does to the integers, it undoes where these become numbers again.
extension DynamicQuantizeLinear: QuantizingOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let count = context.output.shape.count
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      guard let yGradient = buffers.outputGradients[0] else {
        return xGradient.update(repeating: 0, count: count)
      }
      let scale = Self.parameters(buffers.input(0), count).scale
      for i in 0..<count { xGradient[i] = yGradient[i] / scale }
    }
  }
}

extension Graph {
  /// Whether an operator looks at all images of a batch together, also one in a branch.
  var readsWholeBatches: Bool {
    let names = [
      OperatorName(DynamicQuantizeLinear.type),
      OperatorName(DynamicQuantizeMatMul.type, domain: MicrosoftDomain.name),
    ]
    return nodes.contains { node in
      let branches = node.attributes.values.compactMap { attribute -> Graph? in
        if case .graph(let graph) = attribute { graph } else { nil }
      }
      // A normalisation that was exported in training mode takes its statistics from the batch.
      let isTraining =
        node.type == BatchNormalization.type && node.attributes["training_mode"] == .int(1)
      return names.contains(node.operatorName) || isTraining
        || branches.contains(where: \.readsWholeBatches)
    }
  }
}

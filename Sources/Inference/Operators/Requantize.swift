import Tensors

/// `y = clamp(round(x · factor) + zero point)`: sums of quantised products in steps of the result.
///
/// Shapes: `x [...]`, `factor` and `zero point` constants: one number, or `[d]` for the extent of `axis` →
/// `y` like `x`. The zero point's kind of integer is the result's. Halves round to even, or as `rounding` says. Not
/// an operator of ONNX: `QLinearConv` and others stand for it and more.
struct Requantize: Operator {
  static let type = "Requantize"
  static let requiredInputs = 3

  /// Where halves go, which differs where the zero point is odd.
  enum Rounding: String, Sendable {
    /// To even numbers of steps, as `QuantizeLinear` has it.
    case evenSteps = "even steps"
    /// To even integers, the zero point included, as some operators of ONNX Runtime have it.
    case evenIntegers = "even integers"
  }

  private let layout: QuantizationLayout
  private let rounding: Rounding

  init(_ node: NodeReader) throws {
    layout = try QuantizationLayout(node)
    let name = try node.string("rounding", default: Rounding.evenSteps.rawValue)
    guard let rounding = Rounding(rawValue: name) else {
      throw node.failure("rounding '\(name)' is not supported")
    }
    self.rounding = rounding
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { layout.layoutRule }

  private struct Target {
    let range: ClosedRange<Float>
    let parameters: QuantizationLayout.Parameters
  }

  private func target(_ inputs: [ValueDescription]) throws -> Target {
    guard let factors = inputs[1].constant?.asFloats, let zeroPoint = inputs[2].constant else {
      throw ShapeMismatch("scales and zero points must be constants")
    }
    guard let range = zeroPoint.elementType.integerRange else {
      throw ShapeMismatch(
        "the zero point is of type \(zeroPoint.elementType), not an integer of 8 or 16 bits")
    }
    var zeroPoints = zeroPoint.asFloats
    if zeroPoints.count == 1 {
      zeroPoints = [Float](repeating: zeroPoints[0], count: factors.count)
    }
    return Target(
      range: range,
      parameters: try layout.parameters(of: inputs[0], scales: factors, zeroPoints: zeroPoints))
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    _ = try target(inputs)
    return [inputs[0].shape]
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let target = try target(context.inputs)
    let (range, parameters) = (target.range, target.parameters)
    // A loop for each, so that none has a branch and all vectorise.
    return switch rounding {
    case .evenSteps:
      FunctionKernel { buffers in
        let x = buffers.input(0)
        parameters.quantize(into: buffers.output, range) { i, factor, zeroPoint in
          (x[i] * factor).nearestStep + zeroPoint
        }
      }
    case .evenIntegers:
      FunctionKernel { buffers in
        let x = buffers.input(0)
        parameters.quantize(into: buffers.output, range) { i, factor, zeroPoint in
          (x[i] * factor + zeroPoint).nearestStep
        }
      }
    }
  }
}

extension Requantize: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    layout.receptiveFields(for: inputs)
  }
}

// The gradient passes straight through the rounding: that of x · factor, 0 where clamped.
extension Requantize: QuantizingOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let target = try target(context.inputs)
    let (low, high) = (target.range.lowerBound, target.range.upperBound)
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let (x, yGradient) = (buffers.input(0), buffers.gradient)
      target.parameters.forEachElement { i, factor, zeroPoint in
        let rounded = (x[i] * factor).nearestStep + zeroPoint
        xGradient[i] = rounded >= low && rounded <= high ? yGradient[i] * factor : 0
      }
    }
  }
}

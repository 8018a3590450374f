import Tensors

/// `y = x − zero point`: quantised integers as numbers that are 0 where what they stand for is.
///
/// Shapes: `x [...]`, `zero point` one number, or `[d]` for the extent of `axis` → `y` like `x`. Exact. Not
/// an operator of ONNX: `QLinearConv` and others stand for it and more.
struct Centred: Operator {
  static let type = "Centred"
  static let requiredInputs = 2

  private let layout: QuantizationLayout

  init(_ node: NodeReader) throws {
    layout = try QuantizationLayout(node)
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { layout.layoutRule }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    _ = try zeroPoints(inputs)
    return [inputs[0].shape]
  }

  /// Symmetric quantisation, and unsigned integers of what is never negative, need no pass.
  func isView(of inputs: [ValueDescription], as output: ValueDescription) -> Bool {
    inputs[1].constant?.asFloats.allSatisfy { $0 == 0 } ?? false
  }

  /// Nil for one number that is known only when the network runs.
  private func zeroPoints(
    _ inputs: [ValueDescription]
  ) throws -> QuantizationLayout.Parameters? {
    guard let constant = inputs[1].constant else {
      guard inputs[1].shape.count == 1 else {
        throw ShapeMismatch("zero points \(inputs[1].shape) must be constants")
      }
      return nil
    }
    let ones = [Float](repeating: 1, count: constant.shape.count)
    return try layout.parameters(of: inputs[0], scales: ones, zeroPoints: constant.asFloats)
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let count = context.output.shape.count
    guard let zeroPoints = try zeroPoints(context.inputs) else {
      return FunctionKernel { buffers in
        let (x, y, zeroPoint) = (buffers.input(0), buffers.output, buffers.input(1)[0])
        for i in 0..<count { y[i] = x[i] - zeroPoint }
      }
    }
    return FunctionKernel { buffers in
      let (x, y) = (buffers.input(0), buffers.output)
      zeroPoints.forEachElement { i, _, zeroPoint in y[i] = x[i] - zeroPoint }
    }
  }
}

extension Centred: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    inputs[1].isConstant ? layout.receptiveFields(for: inputs) : nil
  }
}

// A zero point moves with the integers that it belongs to: none passes through it.
extension Centred: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let count = context.output.shape.count
    return FunctionKernel { buffers in
      buffers.inputGradients[0]?.update(from: buffers.gradient, count: count)
      buffers.inputGradients[1]?.pointee = 0
    }
  }
}

import Tensors

/// `y[i] = Σ_{j ≤ i} x[j]` along an axis; without `x[i]` itself where `exclusive` is 1, from the end
/// where `reverse` is 1.
///
/// Shapes: `x [...]`, `axis` one constant integer → `y [...]`. ONNX `CumSum`, opsets 11–28.
struct CumSum: Operator {
  static let type = "CumSum"
  static let requiredInputs = 2

  private let isExclusive: Bool
  private let isReversed: Bool

  init(_ node: NodeReader) throws {
    isExclusive = try node.int("exclusive", default: 0) == 1
    isReversed = try node.int("reverse", default: 0) == 1
  }

  private func view(_ inputs: [ValueDescription]) throws -> AxisView {
    let axes = try inputs[1].integers("the axis")
    guard axes.count == 1 else { throw ShapeMismatch("the axis is not one integer") }
    return try AxisView(inputs[0].shape, resolving: axes[0])
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    _ = try view(inputs)
    return [inputs[0].shape]
  }

  /// Sums along every line of `view`; the gradient of sums from one end are sums from the other.
  private func accumulate<Number: AdditiveArithmetic>(
    _ x: UnsafePointer<Number>, into y: UnsafeMutablePointer<Number>, _ view: AxisView,
    fromEnd: Bool, _ add: (Number, Number) -> Number
  ) {
    view.forEachLine { _, start in
      var sum = Number.zero
      for step in 0..<view.extent {
        let k = start + (fromEnd ? view.extent - 1 - step : step) * view.inner
        let next = add(sum, x[k])
        y[k] = isExclusive ? sum : next
        sum = next
      }
    }
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let view = try view(context.inputs)
    return FunctionKernel { buffers in
      self.accumulate(
        buffers.input(0), into: buffers.output, view, fromEnd: self.isReversed, +)
    }
  }
}

extension CumSum: FoldableOperator {
  /// Integers are summed as integers.
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0], case .int64(let x) = input.elements else { return nil }
    let view = try view(inputs.map { ValueDescription(shape: $0?.shape ?? [], constant: $0) })
    let sums = [Int64](unsafeUninitializedCapacity: x.count) { buffer, count in
      if let target = buffer.baseAddress {
        accumulate(x, into: target, view, fromEnd: isReversed, &+)
      }
      count = x.count
    }
    return [Tensor(input.shape, sums)]
  }
}

extension CumSum: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let view = try view(context.inputs)
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      self.accumulate(
        buffers.gradient, into: xGradient, view, fromEnd: !self.isReversed, +)
    }
  }
}

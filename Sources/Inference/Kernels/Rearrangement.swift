import Tensors

/// A rearrangement: each result element is one source element or a constant.
struct Rearrangement: Sendable {
  /// For each result element in memory order, its source; −1 where the constant stands.
  ///
  /// Sources count through the first input, then through the second, when there is one.
  let sources: [Int32]
  let sourceCount: Int
  /// Index of the second input and its elements.
  var second: (input: Int, count: Int)?
  var filler: Float = 0

  init(
    sources: [Int32], sourceCount: Int, second: (input: Int, count: Int)? = nil, filler: Float = 0
  ) {
    self.sources = sources
    self.sourceCount = sourceCount
    self.second = second
    self.filler = filler
  }

  func forward() -> any Kernel {
    FunctionKernel { [sources, filler, sourceCount, second] buffers in
      let x = buffers.input(0)
      let y = buffers.output
      for (k, source) in sources.enumerated() {
        let source = Int(source)
        if source < 0 {
          y[k] = filler
        } else if source < sourceCount {
          y[k] = x[source]
        } else if let second {
          y[k] = buffers.input(second.input)[source - sourceCount]
        }
      }
    }
  }

  func gradient() -> any Kernel {
    FunctionKernel { [sources, sourceCount, second] buffers in
      let targets = [
        buffers.inputGradients[0], second.flatMap { buffers.inputGradients[$0.input] },
      ]
      targets[0]?.update(repeating: 0, count: sourceCount)
      targets[1]?.update(repeating: 0, count: second?.count ?? 0)
      let yGradient = buffers.gradient
      for (k, source) in sources.enumerated() where source >= 0 {
        let source = Int(source)
        if source < sourceCount {
          targets[0]?[source] += yGradient[k]
        } else {
          targets[1]?[source - sourceCount] += yGradient[k]
        }
      }
    }
  }

  /// The same on constants of either kind.
  ///
  /// - Throws: `ShapeMismatch` when an integer's filler is none.
  func fold(_ inputs: [Tensor?], shape: Shape) throws -> Tensor? {
    guard let first = inputs[0] else { return nil }
    let other = second.flatMap { inputs[$0.input] }
    func pick<Element>(_ a: [Element], _ b: [Element], _ filler: Element) -> [Element] {
      sources.map { source in
        let source = Int(source)
        return source < 0 ? filler : source < sourceCount ? a[source] : b[source - sourceCount]
      }
    }
    if case .int64(let a) = first.elements {
      guard case .int64(let b) = other?.elements ?? .int64([]) else { return nil }
      guard let filler = Int64(exactly: filler) else {
        throw ShapeMismatch("integers cannot be filled with \(filler)")
      }
      return Tensor(shape, pick(a, b, filler))
    }
    return Tensor(shape, pick(first.asFloats, other?.asFloats ?? [], filler))
  }
}

/// An operator whose result elements are elements of its inputs.
protocol RearrangingOperator: DifferentiableOperator, FoldableOperator {
  /// Where each element of `output` comes from, in memory order.
  func rearrangement(
    _ inputs: [ValueDescription], output: ValueDescription
  ) throws -> Rearrangement
}

extension RearrangingOperator {
  package func forward(_ context: KernelContext) throws -> any Kernel {
    try rearrangement(context.inputs, output: context.output).forward()
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    try rearrangement(context.inputs, output: context.output).gradient()
  }

  package func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    let descriptions = inputs.map { ValueDescription(shape: $0?.shape ?? [], constant: $0) }
    let shape = try outputShapes(for: descriptions)[0]
    try checkFolded(shape)
    return try rearrangement(descriptions, output: ValueDescription(shape: shape))
      .fold(inputs, shape: shape).map { [$0] }
  }
}

extension ValueDescription {
  /// A constant input's integers.
  ///
  /// - Throws: `ShapeMismatch` when they depend on the image.
  func integers(_ what: String) throws -> [Int] {
    guard let integers = constant?.integers else {
      throw ShapeMismatch("\(what) must be constants")
    }
    return integers
  }
}

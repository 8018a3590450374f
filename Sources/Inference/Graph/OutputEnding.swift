import Tensors

/// What a graph's output is computed by last, as far as its form tells: evidence of what the numbers
/// are.
package struct OutputEnding: Equatable, Sendable {
  /// What the last function makes of its numbers.
  package enum Kind: String, Sendable {
    case softmax
    case logSoftmax = "log-softmax"
    case sigmoid
    /// A matrix product, a convolution, a mean, or the image itself: any number may come out.
    case linear
    /// Something that bounds or bends its numbers in a way that is not known here.
    case other
  }

  package let kind: Kind
  /// The operator that tells, such as `Softmax`, and its node's label.
  package let type: String
  package let node: String
}

extension CompiledGraph {
  /// How the output ends, seen through casts, views, quantisation, mixtures and composed forms.
  ///
  /// Asked before fusion, whose operators hide what they stand for.
  var ending: OutputEnding {
    let steps = Dictionary(
      self.steps.flatMap { step in step.outputs.map { ($0, step) } },
      uniquingKeysWith: { first, _ in first })
    return EndingTrace(steps: steps, constants: constants).ending(of: outputs[0])
  }
}

extension CompiledGraph {
  /// The constant that a value is multiplied by, or divided, before anything else is done to it; casts,
  /// transposes and constants that are added apart.
  func firstFactor(of value: String) -> Float? {
    var value = value
    while true {
      let readers = steps.filter { $0.inputs.contains(value) }
      guard readers.count == 1, let step = readers.first else { return nil }
      let constant = step.inputs.compactMap { constants[$0]?.asFloats }.first
      switch step.type {
      case "Cast", "Identity", "Transpose", "Add", "Sub":
        value = step.outputs[0]
      case "Mul":
        guard let factors = constant, let first = factors.first else { return nil }
        return factors.allSatisfy { abs($0 - first) <= 0.5 * abs(first) } ? abs(first) : nil
      case "Div" where step.inputs[0] == value:
        guard let divisors = constant, let first = divisors.first, first != 0 else { return nil }
        return divisors.allSatisfy { abs($0 - first) <= 0.5 * abs(first) } ? 1 / abs(first) : nil
      default:
        return nil
      }
    }
  }
}

/// Follows values back to where they come from.
private struct EndingTrace {
  typealias Step = CompiledGraph.Step
  let steps: [String: Step]
  let constants: [String: Tensor]

  /// Operators that hand on what they are given: numbers keep their meaning.
  private static let transparent: Set<String> = [
    "Cast", "Centred", "Clip", "DequantizeLinear", "Dropout", "Expand", "Gather", "Identity",
    "QuantizeLinear", "Requantize", "Slice", "Split", "Tile", "Transpose",
  ]

  /// Operators whose result is any number.
  private static let linear: Set<String> = [
    "Add", "AveragePool", "BatchNormalization", "Conv", "Einsum", "Gemm", "GlobalAveragePool",
    "GlobalMaxPool", "LayerNormalization", "MatMul", "MaxPool", "Mul", "QuantizedSum", "ReduceMax",
    "ReduceMean", "ReduceSum", "Sub",
  ]

  /// Of these, the ones whose result lies where their input's numbers lie, scaled or shifted.
  private static let pooling: Set<String> = [
    "Add", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxPool", "Mul",
    "QuantizedSum", "ReduceMax", "ReduceMean", "Sub",
  ]

  /// Longer chains of mixtures and views are no classifier's.
  private static let deepest = 64

  func ending(of value: String, depth: Int = 0) -> OutputEnding {
    guard let step = steps[value] else {
      return OutputEnding(kind: .linear, type: "the image", node: value)
    }
    func found(_ kind: OutputEnding.Kind) -> OutputEnding {
      OutputEnding(kind: kind, type: step.type, node: step.label)
    }
    guard depth < EndingTrace.deepest else { return found(.other) }
    func source(_ index: Int = 0) -> OutputEnding {
      ending(of: step.inputs[index], depth: depth + 1)
    }
    if step.operation is any ViewOperator { return source() }
    switch step.type {
    case "Softmax": return found(.softmax)
    case "LogSoftmax": return found(.logSoftmax)
    case "Sigmoid", "HardSigmoid": return found(.sigmoid)
    case "Clip" where source().kind == .linear: return found(.other)
    case _ where EndingTrace.transparent.contains(step.type): return source()
    case "Log": return found(source().kind == .softmax ? .logSoftmax : .other)
    case "Exp": return found(source().kind == .logSoftmax ? .softmax : .other)
    case "Div" where isNormalised(step): return found(.softmax)
    case "Div" where isLogistic(step), "Reciprocal" where isOnePlusExp(step.inputs[0]):
      return found(.sigmoid)
    case "Sub" where subtractsLogSum(step): return found(.logSoftmax)
    case "Concat" where isComplement(step): return found(.softmax)
    default: break
    }
    if let mixed = mixture(step, depth: depth) { return mixed }
    guard EndingTrace.linear.contains(step.type) else { return found(.other) }
    // Scaled, shifted or pooled, what is bounded stays so.
    let sources = step.inputs.filter { !$0.isEmpty && constants[$0] == nil }
    if EndingTrace.pooling.contains(step.type), sources.count == 1 {
      let inner = ending(of: sources[0], depth: depth + 1)
      if inner.kind == .sigmoid { return inner }
      if inner.kind == .other { return found(.other) }
    }
    return found(.linear)
  }

  private func producer(_ value: String) -> Step? {
    guard let step = steps[value] else { return nil }
    let isHandedOn = step.operation is any ViewOperator || ["Cast", "Expand"].contains(step.type)
    return isHandedOn ? producer(step.inputs[0]) : step
  }

  private func isConstant(_ value: String, _ number: Float) -> Bool {
    constants[value]?.asFloats.allSatisfy { $0 == number } ?? false
  }

  /// `x / Σ x` of something that cannot be negative.
  private func isNormalised(_ step: Step) -> Bool {
    guard let sum = producer(step.inputs[1]), sum.type == "ReduceSum",
      let above = producer(step.inputs[0]), let summed = producer(sum.inputs[0])
    else { return false }
    return above.outputs == summed.outputs && ["Exp", "Sigmoid", "Relu"].contains(above.type)
  }

  /// `1 / (1 + e^…)`.
  private func isLogistic(_ step: Step) -> Bool {
    isConstant(step.inputs[0], 1) && isOnePlusExp(step.inputs[1])
  }

  private func isOnePlusExp(_ value: String) -> Bool {
    guard let sum = producer(value), sum.type == "Add" else { return false }
    return (0...1).contains { index in
      isConstant(sum.inputs[index], 1) && producer(sum.inputs[1 - index])?.type == "Exp"
    }
  }

  /// `x − log Σ e^x`.
  private func subtractsLogSum(_ step: Step) -> Bool {
    guard let log = producer(step.inputs[1]), log.type == "Log",
      let sum = producer(log.inputs[0]), sum.type == "ReduceSum",
      let power = producer(sum.inputs[0]), power.type == "Exp"
    else { return false }
    return producer(power.inputs[0])?.outputs == producer(step.inputs[0])?.outputs
  }

  /// `[1 − p, p]` of a sigmoid.
  private func isComplement(_ step: Step) -> Bool {
    guard step.inputs.count == 2 else { return false }
    return (0...1).contains { index in
      guard let rest = producer(step.inputs[index]), rest.type == "Sub",
        isConstant(rest.inputs[0], 1), let own = producer(step.inputs[1 - index])
      else { return false }
      return producer(rest.inputs[1])?.outputs == own.outputs && own.type == "Sigmoid"
    }
  }

  /// Sums and means of several networks' outputs, scaled or not: what all of them are.
  private func mixture(_ step: Step, depth: Int) -> OutputEnding? {
    let mixing: Set<String> = ["Add", "Concat", "Div", "Max", "Min", "Mul", "ReduceMean", "Sub"]
    guard mixing.contains(step.type) else { return nil }
    let parts = step.inputs.filter { !$0.isEmpty && constants[$0] == nil }
      .map { ending(of: $0, depth: depth + 1) }
    guard let first = parts.first, parts.allSatisfy({ $0.kind == first.kind }) else { return nil }
    return [.softmax, .sigmoid].contains(first.kind) ? first : nil
  }
}

import ONNX
import Tensors

/// Nodes with their operators read, in an order that computes every value before it is used.
struct CompiledGraph: Sendable {
  struct Step: Sendable {
    let label: String
    let type: String
    var operation: any Operator
    /// Empty where an optional input is left out.
    var inputs: [String]
    var outputs: [String]
  }

  let modelName: String
  var steps: [Step]
  var constants: [String: Tensor]
  let output: String

  /// Reads the operators that the output depends on.
  ///
  /// - Throws: `InferenceError.unsupportedOperators` with all of them at once.
  init(_ model: Model, name: String, output: String) throws {
    modelName = name
    self.output = output
    let unsupported = UnsupportedOperator.all(in: model)
    guard unsupported.isEmpty else {
      throw InferenceError.unsupportedOperators(
        model: name, unsupported, opset: model.opset)
    }
    let nodes = try sorted(model.graph, output: output, name: name)
    constants = [:]
    for node in nodes {
      for input in node.inputs {
        constants[input] = model.graph.initializers[input] ?? constants[input]
      }
    }
    for (tensor, value) in constants.sorted(by: { $0.key < $1.key }) {
      guard value.floats?.allSatisfy(\.isFinite) ?? true else {
        throw InferenceError.notFinite(model: name, tensor: tensor)
      }
    }
    steps = try nodes.map { node in
      guard let type = OperatorRegistry.find(node.type) else {
        preconditionFailure("'\(node.type)' was found supported")
      }
      let reader = NodeReader(node, opset: model.opset)
      guard (0..<type.requiredInputs).allSatisfy(reader.hasInput) else {
        throw reader.failure("it needs \(type.requiredInputs) inputs")
      }
      return Step(
        label: node.label, type: node.type,
        operation: try type.init(reader),
        inputs: node.inputs, outputs: node.outputs.filter { !$0.isEmpty })
    }
  }

  /// Whether the output is a softmax, whatever views follow it.
  var endsInSoftmax: Bool {
    var value = output
    while let step = steps.last(where: { $0.outputs.contains(value) }) {
      guard step.operation.isView else { return step.operation is Softmax }
      value = step.inputs[0]
    }
    return false
  }

  /// Computes every step whose inputs are all constant, and drops it.
  mutating func foldConstants() throws {
    var rest: [Step] = []
    for step in steps {
      if let results = try fold(step, inputs: step.inputs.map { constants[$0] }) {
        for (name, value) in zip(step.outputs, results) { constants[name] = value }
      } else {
        rest.append(step)
      }
    }
    steps = rest
  }

  /// The step's outputs when they are known already.
  func fold(_ step: Step, inputs: [Tensor?]) throws -> [Tensor]? {
    let connected = zip(step.inputs, inputs).filter { !$0.0.isEmpty }
    guard connected.allSatisfy({ $0.1 != nil }) else { return nil }
    return try locating(step) {
      if let foldable = step.operation as? any FoldableOperator,
        let results = try foldable.fold(inputs)
      {
        return results
      }
      return [try evaluate(step, inputs.map { $0 ?? Tensor([0], [Float]()) })]
    }
  }

  /// Runs a float operator on constants.
  private func evaluate(_ step: Step, _ inputs: [Tensor]) throws -> Tensor {
    let descriptions = zip(step.inputs, inputs).map {
      ValueDescription(name: $0, shape: $1.shape, constant: $1)
    }
    let shape = try step.operation.outputShapes(for: descriptions)[0]
    let kernel = try step.operation.forward(
      KernelContext(
        label: step.label, inputs: descriptions, outputs: [ValueDescription(shape: shape)],
        constants: ConstantStore(), keepsForGradient: false))
    let arguments = inputs.map { ConstantBuffer($0.asFloats) }
    let scratch = ConstantBuffer(byteCount: kernel.scratchBytes) { _ in }
    let result = [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
      if let base = buffer.baseAddress {
        kernel.run(
          Buffers(
            inputs: arguments.map(\.floats), output: base, scratch: scratch.floats,
            workspace: scratch.floats, outputGradient: nil, inputGradients: []))
      }
      count = shape.count
    }
    withExtendedLifetime((arguments, scratch)) {}
    return Tensor(shape, result)
  }

  /// Names node and operator in what goes wrong inside.
  func locating<Result>(_ step: Step, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let mismatch as ShapeMismatch {
      throw InferenceError.shape(type: step.type, node: step.label, reason: mismatch.reason)
    }
  }
}

/// The nodes that `output` depends on, each after those it reads from, otherwise in file order.
private func sorted(_ graph: Graph, output: String, name: String) throws -> [Node] {
  var producers: [String: Int] = [:]
  for (index, node) in graph.nodes.enumerated() {
    for value in node.outputs where !value.isEmpty { producers[value] = index }
  }
  let fed = Set(graph.inputs.map(\.name)).union(graph.initializers.keys)
  guard producers[output] != nil else {
    throw InferenceError.missingValue(node: name, value: output)
  }

  // Depth first without recursion, so that a deep or cyclic graph cannot exhaust the stack.
  enum Mark { case open, done }
  var marks: [Int: Mark] = [:]
  var stack = [producers[output] ?? 0]
  while let index = stack.last {
    let node = graph.nodes[index]
    if marks[index] == .open {
      marks[index] = .done
      stack.removeLast()
      continue
    }
    guard marks[index] == nil else {
      stack.removeLast()
      continue
    }
    marks[index] = .open
    for value in node.inputs where !value.isEmpty && !fed.contains(value) {
      guard let producer = producers[value] else {
        throw InferenceError.missingValue(node: node.label, value: value)
      }
      if marks[producer] == .open {
        throw InferenceError.cycle(model: name, node: graph.nodes[producer].label)
      }
      if marks[producer] == nil { stack.append(producer) }
    }
  }

  // File order is kept wherever it already computes values before their use.
  let needed = graph.nodes.indices.filter { marks[$0] == .done }
  var known = fed
  var result: [Node] = []
  var waiting = needed
  while !waiting.isEmpty {
    var next: [Int] = []
    for index in waiting {
      let node = graph.nodes[index]
      if node.inputs.allSatisfy({ $0.isEmpty || known.contains($0) }) {
        result.append(node)
        known.formUnion(node.outputs)
      } else {
        next.append(index)
      }
    }
    guard next.count < waiting.count else {
      throw InferenceError.cycle(model: name, node: graph.nodes[next[0]].label)
    }
    waiting = next
  }
  return result
}

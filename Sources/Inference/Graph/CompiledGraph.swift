import ONNX
import Tensors

/// Nodes with their operators read, in an order that computes every value before it is used.
struct CompiledGraph: Sendable {
  struct Step: Sendable {
    let label: String
    var type: String
    var operation: any Operator
    /// Empty where an optional input is left out.
    var inputs: [String]
    var outputs: [String]
  }

  let modelName: String
  var steps: [Step]
  var constants: [String: Tensor]
  /// Values to compute, the classifier's output first; fusion keeps them under their names.
  var outputs: [String]
  /// For values that fusion makes.
  var names: FreshNames

  /// Reads the operators that the outputs depend on.
  ///
  /// - Throws: `InferenceError.unsupportedOperators` with all of them at once.
  ///
  /// `refusesNaN`: whether constants must be numbers.
  init(_ model: Model, name: String, outputs: [String], refusesNaN: Bool = true) throws {
    modelName = name
    self.outputs = outputs
    let unsupported = UnsupportedOperator.all(in: model)
    guard unsupported.isEmpty else {
      throw InferenceError.unsupportedOperators(
        model: name, unsupported, opset: model.opset)
    }
    try model.graph.checkValuesAreMadeOnce()
    let graph = try model.graph.expanded(opset: model.opset)
    names = FreshNames(taken: graph.valueNames)
    let nodes = try sorted(graph, outputs: outputs, name: name)
    constants = [:]
    for node in nodes {
      for input in node.inputs {
        constants[input] = graph.initializers[input] ?? constants[input]
      }
    }
    // Infinity is a mask's way to exclude; where it does harm, the outputs show it.
    for (tensor, value) in constants.sorted(by: { $0.key < $1.key }) where refusesNaN {
      guard value.floats?.contains(where: \.isNaN) != true else {
        throw InferenceError.notFinite(model: name, tensor: tensor)
      }
    }
    steps = []
    for node in nodes {
      guard let type = OperatorRegistry.find(node.type) else {
        preconditionFailure("'\(node.type)' was found supported")
      }
      let reader = NodeReader(node, opset: model.opset)
      guard (0..<type.requiredInputs).allSatisfy(reader.hasInput) else {
        throw reader.failure("it needs \(type.requiredInputs) inputs")
      }
      steps.append(
        Step(
          label: node.label, type: node.type,
          operation: try type.init(reader),
          inputs: node.inputs,
          outputs: node.outputs.map { $0.isEmpty ? names.make("\(node.label)·unread") : $0 }))
    }
  }

  /// Reads a model, puts in place what its conditions choose, and folds what is constant.
  ///
  /// `input`: a value that is fed, if any is.
  ///
  /// `layOut`: finds out what follows from the shapes of what is fed.
  ///
  /// Throws `InferenceError`.
  static func folded(
    _ model: Model, name: String, outputs: [String], refusesNaN: Bool = true, input: String?,
    layOut: (CompiledGraph) throws -> Program
  ) throws -> CompiledGraph {
    var graph = try CompiledGraph(model, name: name, outputs: outputs, refusesNaN: refusesNaN)
    try graph.chooseBranches(input: input, refusesNaN: refusesNaN, layOut)
    try graph.foldConstants()
    return graph
  }

  /// Elements that folded constants may have together; real networks stay far below.
  static let mostFoldedElements = 1 << 28

  /// Computes every step whose inputs are all constant, and drops it.
  mutating func foldConstants() throws {
    var rest: [Step] = []
    var folded = 0
    for step in steps {
      // Which branch an `If` takes is decided elsewhere.
      if !(step.operation is Conditional),
        let results = try fold(step, inputs: step.inputs.map { constants[$0] })
      {
        folded += results.reduce(0) { $0 + $1.shape.count }
        guard folded <= CompiledGraph.mostFoldedElements else {
          throw InferenceError.tooLarge(node: step.label, elements: folded)
        }
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
      return try evaluate(
        step.operation,
        zip(step.inputs, inputs).map { name, tensor in
          let tensor = tensor ?? Tensor([0], [Float]())
          return ValueDescription(
            name: ValueName(name), shape: tensor.shape, constant: tensor)
        })
    }
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

/// The nodes that `outputs` depend on, each after those it reads from, otherwise in file order.
private func sorted(_ graph: Graph, outputs: [String], name: String) throws -> [Node] {
  var producers: [String: Int] = [:]
  for (index, node) in graph.nodes.enumerated() {
    for value in node.outputs where !value.isEmpty { producers[value] = index }
  }
  let fed = Set(graph.inputs.map(\.name)).union(graph.initializers.keys)
  for output in outputs where producers[output] == nil {
    throw InferenceError.missingValue(node: name, value: output)
  }

  // Depth first without recursion, so that a deep or cyclic graph cannot exhaust the stack.
  enum Mark { case open, done }
  func visit(_ root: Int, _ marks: inout [Int: Mark], _ body: (Int) -> Void) throws {
    var stack = [root]
    while let index = stack.last {
      guard marks[index] != .done else {
        stack.removeLast()
        continue
      }
      let node = graph.nodes[index]
      if marks[index] == .open {
        marks[index] = .done
        stack.removeLast()
        body(index)
        continue
      }
      marks[index] = .open
      for value in node.inputs where !value.isEmpty && !fed.contains(value) {
        guard let producer = producers[value] else {
          throw InferenceError.missingValue(node: node.label, value: value)
        }
        guard marks[producer] != .open else {
          throw InferenceError.cycle(model: name, node: graph.nodes[producer].label)
        }
        if marks[producer] == nil { stack.append(producer) }
      }
    }
  }
  var needed: [Int: Mark] = [:]
  for producer in outputs.compactMap({ producers[$0] }) { try visit(producer, &needed) { _ in } }

  // File order is kept wherever it already computes values before their use.
  var marks: [Int: Mark] = [:]
  var result: [Node] = []
  for index in graph.nodes.indices where needed[index] == .done {
    try visit(index, &marks) { result.append(graph.nodes[$0]) }
  }
  return result
}

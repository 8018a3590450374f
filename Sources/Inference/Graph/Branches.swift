import ONNX
import Tensors

/// One of two graphs, by a condition.
///
/// Shapes: `condition`, one truth value known without the image, then every outer value that a branch
/// reads → what the chosen branch returns. ONNX `If`, opsets 7–28. The compiler puts the chosen branch
/// in its place; the other one is never read.
struct Conditional: Operator {
  static let type = "If"

  fileprivate let whenTrue: Graph
  fileprivate let whenFalse: Graph
  fileprivate let opset: Int

  init(_ node: NodeReader) throws {
    func branch(_ name: String) throws -> Graph {
      guard case .graph(let graph) = node.node.attributes[name] else {
        throw node.failure("attribute '\(name)' is not a graph")
      }
      guard graph.inputs.isEmpty, graph.outputs.count == node.node.outputs.count else {
        throw node.failure(
          "'\(name)' has \(graph.inputs.count) inputs and \(graph.outputs.count) outputs for "
            + "\(node.node.outputs.count)")
      }
      return graph
    }
    whenTrue = try branch("then_branch")
    whenFalse = try branch("else_branch")
    opset = node.opset
  }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    throw ShapeMismatch("its branch was not chosen")
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    throw ShapeMismatch("its branch was not chosen")
  }
}

/// What a branch returns; stands at its end while it is compiled.
struct BranchResults: Operator {
  static let type = "(results)"

  init(_ node: NodeReader) {}

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    throw ShapeMismatch("it is no operator of a model")
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    throw ShapeMismatch("it is no operator of a model")
  }
}

extension CompiledGraph {
  /// Real networks have a few; each costs a look at the whole graph.
  private static let mostBranches = 1000

  /// Puts the chosen branch in place of every `If`, until there is none.
  ///
  /// `input`: a value that is fed, if any is; `layOut`: finds out what follows from the shapes of what
  /// is fed.
  ///
  /// Returns what was decided, in order: the same for graphs that become the same.
  ///
  /// Throws `InferenceError.attribute` when a condition depends on the image.
  @discardableResult
  mutating func chooseBranches(
    input: String?, refusesNaN: Bool = true, _ layOut: (CompiledGraph) throws -> Program
  ) throws -> [Bool] {
    var chosen: [Bool] = []
    while let first = steps.first(where: { $0.operation is Conditional }) {
      guard chosen.count <= CompiledGraph.mostBranches else {
        throw InferenceError.attribute(
          type: first.type, node: first.label,
          reason:
            "more than \(CompiledGraph.mostBranches) nodes of the model choose branches, which "
            + "no classifier needs")
      }
      try foldConstants()
      var known = conditions { constants[$0] }
      if known.isEmpty, let input {
        let program = try layOut(partWithoutConditions(outputs: [input]))
        known = conditions { program.constant(named: $0) }
      }
      guard !known.isEmpty else {
        throw InferenceError.attribute(
          type: first.type, node: first.label,
          reason:
            "its condition '\(first.inputs[0])' depends on the image; export the model without "
            + "the condition, or with the branch that counts")
      }
      chosen += known.map(\.holds)
      // From the last, so that positions of the others stay.
      for (index, holds) in known.reversed() {
        try putBranch(at: index, holds, refusesNaN: refusesNaN)
      }
    }
    return chosen
  }

  /// Refuses a graph in which other branches are taken for one image than for several.
  ///
  /// `decisions`: those for several.
  ///
  /// Throws `InferenceError.attribute`.
  func checkBranchesOfOneImage(_ decisions: [Bool], _ input: Network.ImageInput) throws {
    guard let first = steps.first(where: { $0.operation is Conditional }) else { return }
    var one = self
    let own = try one.chooseBranches(input: input.name) {
      try Program($0, input: input, batchSize: 1)
    }
    guard own == decisions else {
      throw InferenceError.attribute(
        type: first.type, node: first.label,
        reason:
          "the branch taken depends on the number of images; export the model for a fixed batch")
    }
  }

  /// Steps that choose and whose condition is known, with what it is, in order.
  private func conditions(_ constant: (String) -> Tensor?) -> [(index: Int, holds: Bool)] {
    steps.indices.compactMap { index in
      guard steps[index].operation is Conditional,
        let condition = constant(steps[index].inputs[0])?.asFloats.first
      else { return nil }
      return (index, condition != 0)
    }
  }

  /// What can be computed before any branch is chosen.
  private func partWithoutConditions(outputs: [String]) -> CompiledGraph {
    var part = self
    var unknown: Set<String> = []
    part.steps = steps.filter { step in
      guard step.operation is Conditional || step.inputs.contains(where: unknown.contains) else {
        return true
      }
      unknown.formUnion(step.outputs)
      return false
    }
    part.outputs = outputs
    return part
  }

  private mutating func putBranch(at index: Int, _ holds: Bool, refusesNaN: Bool) throws {
    let step = steps[index]
    guard let conditional = step.operation as? Conditional else { return }
    let branch = holds ? conditional.whenTrue : conditional.whenFalse
    // What a branch makes is called as the node's outputs, or anew: both branches may use a name,
    // and so may the graph around them.
    var called: [String: String] = [:]
    let made = branch.madeValues
    for (result, output) in zip(branch.outputs, step.outputs) where made.contains(result.name) {
      called[result.name] = called[result.name] ?? output
    }
    for name in made.sorted() where called[name] == nil {
      called[name] = names.make("\(step.label)·\(name)")
    }
    let inner = branch.renamed(called)
    var nodes = inner.nodes
    for (result, output) in zip(inner.outputs, step.outputs) where result.name != output {
      nodes.append(
        Node(
          name: "\(step.label)·\(output)", type: Identity.type, inputs: [result.name],
          outputs: [output]))
    }
    let end = names.make("\(step.label)·results")
    nodes.append(
      Node(name: end, type: BranchResults.type, inputs: step.outputs, outputs: [end]))
    let outside = Set(steps.flatMap { $0.inputs + $0.outputs }).union(constants.keys)
      .union(outputs).subtracting(step.outputs)
    let compiled = try CompiledGraph(
      Model(
        irVersion: 0, opset: conditional.opset, producer: "",
        graph: Graph(
          name: step.label, nodes: nodes, initializers: inner.initializers,
          inputs: outside.sorted().map { ValueInfo(name: $0, dimensions: nil) }, outputs: [])),
      name: modelName, outputs: [end], refusesNaN: refusesNaN)
    steps.replaceSubrange(
      index...index, with: compiled.steps.filter { !($0.operation is BranchResults) })
    constants.merge(compiled.constants) { own, _ in own }
    names = compiled.names
  }
}

import Tensors

extension Graph {
  /// Names of the values that the graph makes or holds itself.
  package var madeValues: Set<String> {
    Set(inputs.map(\.name)).union(initializers.keys)
      .union(nodes.flatMap(\.outputs).filter { !$0.isEmpty })
  }

  /// Names of values that a nested graph reads from those around it, each once, in order.
  package var outerValues: [String] {
    var known = madeValues
    return (nodes.flatMap(\.inputs) + outputs.map(\.name))
      .filter { !$0.isEmpty && known.insert($0).inserted }
  }

  /// The same graph with other names for some values, nested graphs included.
  package func renamed(_ names: [String: String]) -> Graph {
    func new(_ info: ValueInfo) -> ValueInfo {
      ValueInfo(
        name: names[info.name] ?? info.name, dimensions: info.dimensions,
        elementType: info.elementType)
    }
    return Graph(
      name: name, nodes: nodes.map { $0.renamed(names) },
      initializers: Dictionary(
        initializers.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { a, _ in a }),
      inputs: inputs.map(new), outputs: outputs.map(new))
  }
}

extension Node {
  fileprivate func renamed(_ names: [String: String]) -> Node {
    var node = self
    node.inputs = inputs.map { names[$0] ?? $0 }
    node.outputs = outputs.map { names[$0] ?? $0 }
    node.attributes = attributes.mapValues { attribute in
      guard case .graph(let graph) = attribute else { return attribute }
      // What a nested graph makes itself hides what is called so around it.
      let own = graph.madeValues
      return .graph(graph.renamed(names.filter { !own.contains($0.key) }))
    }
    return node
  }
}

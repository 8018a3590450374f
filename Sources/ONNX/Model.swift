import Tensors

/// A trained model as its ONNX file states it, with every initialiser in memory.
package struct Model: Sendable {
  package let irVersion: Int
  /// Version of the default operator set.
  package let opset: Int
  package let producer: String
  /// What the file says of itself, by key; class names are often among it.
  package let metadata: [String: String]
  package let graph: Graph

  package init(
    irVersion: Int, opset: Int, producer: String, metadata: [String: String] = [:], graph: Graph
  ) {
    self.irVersion = irVersion
    self.opset = opset
    self.producer = producer
    self.metadata = metadata
    self.graph = graph
  }
}

extension Model {
  /// The model with the nodes alone that some values depend on, so that what only others need does not
  /// matter; these values, of which some may be inner ones, are its outputs in the order given.
  package func reading(_ outputs: [String]) -> Model {
    let producers = Dictionary(
      graph.nodes.enumerated().flatMap { index, node in node.outputs.map { ($0, index) } },
      uniquingKeysWith: { first, _ in first })
    var needed: Set<Int> = []
    var open = outputs
    while let value = open.popLast() {
      guard let index = producers[value], needed.insert(index).inserted else { continue }
      open += graph.nodes[index].inputs
    }
    // A value that two nodes give is for the compiler to refuse: both stay.
    let names = Set(needed.flatMap { graph.nodes[$0].outputs })
    let nodes = graph.nodes.indices.filter { index in
      needed.contains(index)
        || graph.nodes[index].outputs.contains { !$0.isEmpty && names.contains($0) }
    }
    return Model(
      irVersion: irVersion, opset: opset, producer: producer, metadata: metadata,
      graph: Graph(
        name: graph.name, nodes: nodes.map { graph.nodes[$0] }, initializers: graph.initializers,
        inputs: graph.inputs,
        outputs: outputs.map { name in
          graph.outputs.first { $0.name == name } ?? ValueInfo(name: name, dimensions: nil)
        }))
  }
}

/// Nodes in execution order, with the named constants they read.
package struct Graph: Equatable, Sendable {
  package let name: String
  package let nodes: [Node]
  package let initializers: [String: Tensor]
  /// Inputs that are fed at run time; initialisers listed as inputs are left out.
  package let inputs: [ValueInfo]
  package let outputs: [ValueInfo]

  package init(
    name: String, nodes: [Node], initializers: [String: Tensor], inputs: [ValueInfo],
    outputs: [ValueInfo]
  ) {
    self.name = name
    self.nodes = nodes
    self.initializers = initializers
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// A graph input or output: its name and shape.
package struct ValueInfo: Equatable, Sendable {
  /// One extent of a declared shape.
  package enum Dimension: Equatable, Sendable {
    case fixed(Int)
    /// Known only when data is fed; the name, when the file gives one.
    case dynamic(String)
  }

  package let name: String
  /// Nil when the file declares no shape.
  package let dimensions: [Dimension]?
  /// Nil when the file declares none, or one that is no number.
  package let elementType: ElementType?

  package init(name: String, dimensions: [Dimension]?, elementType: ElementType? = nil) {
    self.name = name
    self.dimensions = dimensions
    self.elementType = elementType
  }
}

extension ValueInfo.Dimension: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fixed(let extent): String(extent)
    case .dynamic(let name): name.isEmpty ? "?" : name
    }
  }
}

/// One application of an operator.
package struct Node: Equatable, Sendable {
  package var name: String
  package var type: String
  package var domain: String
  /// Names of values; empty where an optional input is left out.
  ///
  /// Values of this graph that nested ones read follow the node's own.
  package var inputs: [String]
  package var outputs: [String]
  package var attributes: [String: Attribute]

  package init(
    name: String, type: String, domain: String = "", inputs: [String], outputs: [String],
    attributes: [String: Attribute] = [:]
  ) {
    self.name = name
    self.type = type
    self.domain = domain
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }

  /// The name to show a person: the node's own, or its first output's when it has none.
  package var label: String {
    name.isEmpty ? (outputs.first ?? "?") : name
  }
}

/// A setting of a node.
package enum Attribute: Equatable, Sendable {
  case float(Float)
  case int(Int)
  case string(String)
  case tensor(Tensor)
  case floats([Float])
  case ints([Int])
  case strings([String])
  case graph(Graph)
  /// A kind no operator here reads.
  case unsupported
}

import ONNX
import Tensors

/// An ONNX operator, or a form of one, that is computed by other operators.
///
/// One file per operator in `Composites/`, one line in `OperatorRegistry.composites`. Its gradient and
/// its shapes are those of the nodes it stands for.
package protocol CompositeOperator: Sendable {
  /// ONNX's `op_type`.
  static var type: String { get }

  /// The domains that have it, ONNX's own by an empty name.
  static var domains: [String] { get }

  /// How many inputs must be connected.
  static var requiredInputs: Int { get }

  /// Adds nodes that compute the outputs of `node`.
  ///
  /// Returns false when the node runs as it is.
  ///
  /// Throws `InferenceError.attribute` when one has a value that is not supported.
  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool
}

extension CompositeOperator {
  package static var domains: [String] { [""] }
  package static var requiredInputs: Int { 1 }
}

/// Makes the nodes that stand for one.
package struct NodeBuilder {
  private(set) var nodes: [Node] = []
  private(set) var constants: [String: Tensor] = [:]
  private let prefix: String
  private(set) var names: FreshNames

  /// `prefix`: how what is made up is called; `names`: of all values there are.
  init(_ prefix: String, _ names: FreshNames) {
    self.prefix = prefix
    self.names = names
  }

  /// Adds a node.
  ///
  /// `output`: the name of its result, made up unless stated.
  ///
  /// Returns that name.
  @discardableResult
  mutating func add(
    _ type: String, _ inputs: [String], _ attributes: [String: Attribute] = [:],
    output: String? = nil
  ) -> String {
    let name = output ?? names.make("\(prefix)·\(nodes.count)")
    nodes.append(
      Node(
        name: "\(prefix)·\(type) \(nodes.count)", type: type, inputs: inputs, outputs: [name],
        attributes: attributes))
    return name
  }

  /// Adds a node with several results.
  mutating func add(_ node: Node) {
    nodes.append(node)
  }

  /// A name for one of several results.
  mutating func name() -> String { names.make("\(prefix)·\(nodes.count)") }

  /// A name like `hint` that no value has.
  mutating func fresh(_ hint: String) -> String { names.make(hint) }

  mutating func constant(_ value: Tensor) -> String {
    let name = names.make("\(prefix)·constant \(constants.count)")
    constants[name] = value
    return name
  }

  mutating func number(_ value: Float) -> String { constant(Tensor([], [value])) }

  mutating func integers(_ values: [Int]) -> String {
    constant(Tensor([values.count], values.map { Int64($0) }))
  }

  mutating func integer(_ value: Int) -> String { constant(Tensor([], [Int64(value)])) }

  /// `x` without its mean and divided by its deviation over the last axis.
  mutating func normalized(_ x: String, epsilon: Float) -> String {
    let mean = add("ReduceMean", [x], ["axes": .ints([-1])])
    let centred = add("Sub", [x, mean])
    let variance = add(
      "ReduceMean", [add("Mul", [centred, centred])], ["axes": .ints([-1])])
    let deviation = add("Sqrt", [add("Add", [variance, number(epsilon)])])
    return add("Div", [centred, deviation])
  }
}

extension Graph {
  /// The names of all values.
  var valueNames: Set<String> {
    Set(inputs.map(\.name)).union(initializers.keys)
      .union(nodes.flatMap { $0.inputs + $0.outputs })
  }

  /// Refuses values of which there are two: what reads them could mean either.
  ///
  /// - Throws: `InferenceError.repeatedValue`.
  func checkValuesAreMadeOnce() throws {
    var made = Set(inputs.map(\.name)).union(initializers.keys)
    for node in nodes {
      for output in node.outputs where !output.isEmpty {
        guard made.insert(output).inserted else {
          throw InferenceError.repeatedValue(node: node.label, value: output)
        }
      }
    }
  }

  /// The same graph without composite operators.
  ///
  /// - Throws: `InferenceError.attribute`.
  func expanded(opset: Int) throws -> Graph {
    var nodes: [Node] = []
    var initializers = initializers
    var waiting = Array(self.nodes.reversed())
    var names = FreshNames(taken: valueNames)
    // What a node stands for may be composite again; the operators here never go in circles.
    while let node = waiting.popLast() {
      guard let composite = OperatorRegistry.composite(node) else {
        nodes.append(node)
        continue
      }
      var builder = NodeBuilder(node.outputs.first { !$0.isEmpty } ?? node.label, names)
      let reader = NodeReader(node, opset: opset)
      guard (0..<composite.requiredInputs).allSatisfy(reader.hasInput), !node.outputs.isEmpty else {
        throw reader.failure("it needs \(composite.requiredInputs) inputs and an output")
      }
      guard try composite.expand(reader, into: &builder) else {
        nodes.append(node)
        continue
      }
      names = builder.names
      initializers.merge(builder.constants) { _, new in new }
      waiting += builder.nodes.reversed()
    }
    return Graph(
      name: name, nodes: nodes, initializers: initializers, inputs: inputs, outputs: outputs)
  }
}

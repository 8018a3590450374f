import ONNX
import Tensors

/// A head that gives one number per image: how sure it is of class 1.
///
/// Two classes are made of it, *not it* and *it*, by nodes at the end of the graph, so that gradients
/// and windows go through them as through any other.
enum BinaryHead {
  /// The graph with an output `[batch, 2]` in place of one number per image.
  ///
  /// `isProbability`: whether the number is a sigmoid p, which gives `[1 − p, p]`; a logit z gives
  /// `[0, z]`, whose softmax is its sigmoid.
  ///
  /// Returns the graph and the new output's name.
  static func widening(
    _ graph: Graph, output: String, isProbability: Bool
  ) -> (graph: Graph, output: String) {
    var builder = NodeBuilder("two classes", FreshNames(taken: graph.valueNames))
    let column = builder.add("Reshape", [output, builder.integers([-1, 1])])
    let other =
      isProbability
      ? builder.add("Sub", [builder.number(1), column]) : builder.add("Sub", [column, column])
    let pair = builder.add("Concat", [other, column], ["axis": .int(1)])
    return (
      Graph(
        name: graph.name, nodes: graph.nodes + builder.nodes,
        initializers: graph.initializers.merging(builder.constants) { first, _ in first },
        inputs: graph.inputs, outputs: graph.outputs), pair
    )
  }
}

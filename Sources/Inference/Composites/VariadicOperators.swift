import ONNX
import Tensors

/// An operator that joins any number of operands by pairs.
protocol VariadicOperator: CompositeOperator {
  /// The operator on two.
  static var pairwise: String { get }
}

extension VariadicOperator {
  static func joined(_ node: NodeReader, into nodes: inout NodeBuilder, output: String?) -> String {
    let inputs = node.node.inputs
    guard inputs.count > 1 else { return nodes.add("Identity", inputs, output: output) }
    var result = inputs[0]
    for (position, input) in inputs.enumerated().dropFirst() {
      let isLast = position == inputs.count - 1
      result = nodes.add(pairwise, [result, input], output: isLast ? output : nil)
    }
    return result
  }

  package static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    guard pairwise != type || node.node.inputs.count != 2 else { return false }
    _ = joined(node, into: &nodes, output: node.node.outputs[0])
    return true
  }
}

/// `y = a + b + ...`, with broadcasting.
///
/// ONNX `Sum`, opsets 8–28.
enum SumOfAll: VariadicOperator {
  static let type = "Sum"
  static let pairwise = "Add"
}

/// The largest of any number of operands.
///
/// ONNX `Max`, opsets 8–28.
enum MaxOfAll: VariadicOperator {
  static let type = "Max"
  static let pairwise = "Max"
}

/// The smallest of any number of operands.
///
/// ONNX `Min`, opsets 8–28.
enum MinOfAll: VariadicOperator {
  static let type = "Min"
  static let pairwise = "Min"
}

/// `y = (a + b + ...) / n`, with broadcasting.
///
/// ONNX `Mean`, opsets 8–28.
enum MeanOfAll: VariadicOperator {
  static let type = "Mean"
  static let pairwise = "Add"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let sum = joined(node, into: &nodes, output: nil)
    let count = nodes.number(Float(node.node.inputs.count))
    nodes.add("Div", [sum, count], output: node.node.outputs[0])
    return true
  }
}

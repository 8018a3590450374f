import ONNX
import Tensors

/// What can be wrong with a model once its file has been read, or with what it computes.
package enum InferenceError: Error, Equatable {
  /// An operator this program does not know, as `operator`, `node`, `opset`.
  case unsupportedOperators(model: String, [UnsupportedOperator], opset: Int)
  case attribute(type: String, node: String, reason: String)
  case shape(type: String, node: String, reason: String)
  case missingValue(node: String, value: String)
  case repeatedValue(node: String, value: String)
  case cycle(model: String, node: String)
  case notFinite(model: String, tensor: String)
  case input(model: String, reason: String)
  case output(model: String, reason: String)
  /// Everything an output, or an inner value, depends on is known without an image.
  case constantOutput(model: String, value: String, Tensor)
  /// A value that no node makes, with the nearest name.
  case unknownValue(model: String, value: String, suggestion: String?)
  /// A value that cannot be had as asked.
  case value(model: String, value: String, reason: String)
  case noGradient(type: String, node: String)
  /// A network whose output is not known to be linear in some of its values.
  case noLinearHead(model: String, reason: String)
  case tooLarge(node: String, elements: Int)
  case refused(name: String, call: String, status: Int)
}

/// A node that cannot be run, for the error and for `inspect`.
package struct UnsupportedOperator: Equatable, Sendable {
  package let type: String
  package let node: String
  /// The known operator of the nearest name; nil when none is near, and where there is advice.
  package let suggestion: String?
  /// What to do about operators of a domain that no other program runs.
  package let advice: String?
}

extension UnsupportedOperator {
  /// Nodes of a model whose operator is not known, one entry per node.
  package static func all(in model: Model) -> [UnsupportedOperator] {
    model.graph.nodes.compactMap { node in
      let name = node.operatorName
      guard !OperatorRegistry.contains(name) else { return nil }
      let advice = adviceByDomain[name.domain]
      return UnsupportedOperator(
        type: name.description, node: node.label,
        suggestion: advice == nil ? OperatorRegistry.suggestion(for: name) : nil, advice: advice)
    }
  }

  /// Of domains whose operators are one machine's own.
  private static let adviceByDomain = [
    "com.microsoft.nchwc": layoutAdvice, "com.ms.internal.nhwc": layoutAdvice,
  ]

  private static let layoutAdvice =
    "ONNX Runtime wrote them for one kind of processor: save the optimised model with "
    + "graph_optimization_level ORT_ENABLE_EXTENDED or below, or use the model before it"
}

extension InferenceError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unsupportedOperators(let model, let operators, let opset):
      unsupportedText(model, operators, opset)
    case .attribute(let type, let node, let reason):
      "Node '\(node)' (\(type)): \(reason)."
    case .shape(let type, let node, let reason):
      "Shapes do not fit at node '\(node)' (\(type)): \(reason). "
        + "Check --input-shape and the image size."
    case .missingValue(let node, let value):
      "Node '\(node)' reads '\(value)', which nothing produces. The model is damaged."
    case .repeatedValue(let node, let value):
      "Node '\(node)' makes '\(value)', and so does something else. The model is damaged."
    case .cycle(let model, let node):
      "The nodes of '\(model)' form a cycle through '\(node)'. The model is damaged."
    case .notFinite(let model, let tensor):
      "Tensor '\(tensor)' of model '\(model)' holds NaN. Retrain or export it again."
    case .input(let model, let reason):
      "Input of model '\(model)': \(reason)."
    case .output(let model, let reason):
      "Output of model '\(model)': \(reason)."
    case .constantOutput(let model, let name, let value):
      "Value '\(name)' of model '\(model)' does not depend on the image (shape \(value.shape))."
    case .value(let model, let value, let reason):
      "Value '\(value)' of model '\(model)': \(reason)."
    case .unknownValue(let model, let value, let suggestion):
      "Model '\(model)' computes no value '\(value)'"
        + (suggestion.map { "; did you mean '\($0)'?" } ?? ".")
        + " 'overinterp inspect --values' lists them."
    case .noGradient(let type, let node):
      "Node '\(node)' (\(type)) has no gradient. Use '--method exact', which needs none."
    case .noLinearHead(let model, let reason):
      "Model '\(model)' has no linear layer at its end: \(reason). Features need one: name its node with "
        + "--features-at."
    case .tooLarge(let node, let elements):
      "The output of node '\(node)' would have \(elements) elements. Check --input-shape."
    case .refused(let name, let call, let status):
      "\(name) refused \(call) (status \(status))."
    }
  }
}

private func unsupportedText(
  _ model: String, _ operators: [UnsupportedOperator], _ opset: Int
) -> String {
  let listed = operators.prefix(3).map { found in
    "'\(found.type)' at node '\(found.node)'"
      + (found.suggestion.map { " (did you mean '\($0)'?)" } ?? "")
  }
  let rest = operators.count > 3 ? " and \(operators.count - 3) more" : ""
  let advice = Set(operators.compactMap(\.advice)).sorted().map { " \($0)." }.joined()
  return "Model '\(model)' (opset \(opset)) has operators that are not supported: "
    + listed.joined(separator: ", ") + rest + ".\(advice) 'overinterp inspect \(model)' lists all."
}

/// Why shapes do not fit, thrown by an operator; the compiler adds node and type.
struct ShapeMismatch: Error {
  let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}
